#include "visema/landmarks/pose_smoother.h"

#include <Eigen/Dense>
#include <cmath>
#include <span>

#include "pose_matrix.h"
#include "visema/core/error.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

// log scale, rotation (row major), translation
using PoseVector = Eigen::Matrix<double, 13, 1>;

PoseVector to_pose_vector(const HeadPose& pose) {
  PoseVector v;
  v[0] = std::log(pose.scale);
  for (int i = 0; i < 9; ++i) v[1 + i] = pose.rotation[i];
  v.tail<3>() = to_vector(pose.translation);
  return v;
}

HeadPose to_pose(const PoseVector& v) {
  Eigen::Matrix3d rotation;
  for (int i = 0; i < 9; ++i) rotation(i / 3, i % 3) = v[1 + i];
  const Eigen::JacobiSVD<Eigen::Matrix3d> svd(rotation, Eigen::ComputeFullU | Eigen::ComputeFullV);
  Eigen::Vector3d sign(1, 1, 1);
  if (svd.matrixU().determinant() * svd.matrixV().determinant() < 0) sign.z() = -1;
  rotation = svd.matrixU() * sign.asDiagonal() * svd.matrixV().transpose();
  HeadPose pose;
  pose.scale = static_cast<float>(std::exp(v[0]));
  for (int i = 0; i < 9; ++i) pose.rotation[i] = static_cast<float>(rotation(i / 3, i % 3));
  pose.translation = to_point(v.tail<3>());
  return pose;
}

bool is_cut(const HeadPose& a, const HeadPose& b) {
  const float size = std::min(a.scale, b.scale);
  const float moved =
      std::hypot(a.translation.x - b.translation.x, a.translation.y - b.translation.y);
  return moved > 0.4F * size || std::abs(a.scale - b.scale) > 0.2F * size;
}

// Value at the middle of the Gaussian-weighted quadratic through the neighbours in time; of lower
// degree where too few carry weight.
PoseVector local_fit(std::span<const double> time, std::span<const PoseVector> poses,
                     std::size_t middle, double sigma) {
  Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
  Eigen::Matrix<double, 3, 13> right = Eigen::Matrix<double, 3, 13>::Zero();
  int count = 0;
  const auto add = [&](std::size_t i) {
    const double u = (time[i] - time[middle]) / sigma;
    if (std::abs(u) > 3) return false;
    const Eigen::Vector3d basis(1, u, u * u);
    const double weight = std::exp(-0.5 * u * u);
    normal += weight * basis * basis.transpose();
    right += weight * basis * poses[i].transpose();
    ++count;
    return true;
  };
  add(middle);
  for (std::size_t i = middle; i-- > 0 && add(i);) {
  }
  for (std::size_t i = middle + 1; i < poses.size() && add(i); ++i) {
  }
  if (count < 4) return poses[middle];
  return normal.ldlt().solve(right).row(0).transpose();
}

void smooth_run(std::span<LandmarkFrame> run, double sigma) {
  std::vector<double> time;
  std::vector<PoseVector> poses;
  for (const auto& frame : run) {
    time.push_back(frame.time_s);
    poses.push_back(to_pose_vector(frame.face->pose));
  }
  for (std::size_t i = 0; i < run.size(); ++i) {
    TrackedFace& face = *run[i].face;
    const HeadPose pose = to_pose(local_fit(time, poses, i, sigma));
    face.mesh = project(stabilise(face.mesh, face.pose), pose);
    face.pose = pose;
  }
}

}  // namespace

PoseSmoother::PoseSmoother(Options options) : options_(options) {
  if (!(options.sigma_s > 0)) {
    throw Error(ErrorCode::kUsage, "pose smoother: sigma_s = " + std::to_string(options.sigma_s) +
                                       ", must be above 0");
  }
}

void PoseSmoother::smooth(std::vector<LandmarkFrame>& frames) const {
  std::size_t begin = 0;
  while (begin < frames.size()) {
    if (!frames[begin].face) {
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < frames.size() && frames[end].face &&
           !is_cut(frames[end - 1].face->pose, frames[end].face->pose)) {
      ++end;
    }
    smooth_run(std::span(frames).subspan(begin, end - begin), options_.sigma_s);
    begin = end;
  }
}

}  // namespace visema
