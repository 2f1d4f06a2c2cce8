#include "visema/landmarks/head_pose.h"

#include <Eigen/Dense>
#include <cmath>

#include "pose_matrix.h"
#include "visema/core/error.h"

namespace visema {
namespace {

struct WeightedPoint {
  int index;
  double weight;
};

// Points that speech does not move. The forehead moves with the brows, so it counts less.
constexpr WeightedPoint kStablePoints[] = {
    // eye corners and the skin beside them
    {33, 1.5},
    {263, 1.5},
    {133, 1.5},
    {362, 1.5},
    {130, 1.0},
    {359, 1.0},
    {243, 1.0},
    {463, 1.0},
    // bridge of the nose
    {168, 1.5},
    {6, 1.5},
    {197, 1.5},
    {195, 1.5},
    {5, 0.7},
    {122, 1.0},
    {351, 1.0},
    {193, 0.7},
    {417, 0.7},
    {196, 1.0},
    {419, 1.0},
    {174, 0.7},
    {399, 0.7},
    // temples
    {127, 0.7},
    {356, 0.7},
    {162, 0.7},
    {389, 0.7},
    {139, 0.7},
    {368, 0.7},
    {34, 0.7},
    {264, 0.7},
    {234, 0.4},
    {454, 0.4},
    {21, 0.6},
    {251, 0.6},
    {71, 0.5},
    {301, 0.5},
    // forehead
    {10, 0.5},
    {109, 0.5},
    {338, 0.5},
    {67, 0.5},
    {297, 0.5},
    {103, 0.5},
    {332, 0.5},
    {54, 0.5},
    {284, 0.5},
    {151, 0.2},
    {108, 0.2},
    {337, 0.2}};

HeadPose make_pose(double scale, const Eigen::Matrix3d& rotation,
                   const Eigen::Vector3d& translation) {
  HeadPose pose;
  pose.scale = static_cast<float>(scale);
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 3; ++c) pose.rotation[3 * r + c] = static_cast<float>(rotation(r, c));
  }
  pose.translation = to_point(translation);
  return pose;
}

}  // namespace

HeadPose fit_head_pose(const FaceMesh& px, const CanonicalFace& face) {
  double total = 0;
  Eigen::Vector3d from_mean = Eigen::Vector3d::Zero();
  Eigen::Vector3d to_mean = Eigen::Vector3d::Zero();
  for (const auto& [i, weight] : kStablePoints) {
    total += weight;
    from_mean += weight * to_vector(face.mesh()[i]);
    to_mean += weight * to_vector(px[i]);
  }
  from_mean /= total;
  to_mean /= total;

  double from_variance = 0;
  double to_variance = 0;
  Eigen::Matrix3d covariance = Eigen::Matrix3d::Zero();
  for (const auto& [i, weight] : kStablePoints) {
    const Eigen::Vector3d from = to_vector(face.mesh()[i]) - from_mean;
    const Eigen::Vector3d to = to_vector(px[i]) - to_mean;
    covariance += weight / total * to * from.transpose();
    from_variance += weight / total * from.squaredNorm();
    to_variance += weight / total * to.squaredNorm();
  }
  if (!std::isfinite(to_variance) || to_variance < 1e-6 || from_variance < 1e-9) {
    throw Error(ErrorCode::kInput, "head pose: the 478 points do not span a face (variance " +
                                       std::to_string(to_variance) +
                                       " px^2, must be above 1e-6 and finite)");
  }
  const Eigen::JacobiSVD<Eigen::Matrix3d> svd(covariance,
                                              Eigen::ComputeFullU | Eigen::ComputeFullV);
  Eigen::Vector3d sign(1, 1, 1);
  if (svd.matrixU().determinant() * svd.matrixV().determinant() < 0) sign.z() = -1;
  const Eigen::Matrix3d rotation = svd.matrixU() * sign.asDiagonal() * svd.matrixV().transpose();
  const double scale = svd.singularValues().dot(sign) / from_variance;
  return make_pose(scale, rotation, to_mean - scale * rotation * from_mean);
}

Point3 stabilise(Point3 px, const HeadPose& pose) {
  return to_point(rotation_matrix(pose).transpose() *
                  (to_vector(px) - to_vector(pose.translation)) / pose.scale);
}

Point3 project(Point3 canonical, const HeadPose& pose) {
  return to_point(pose.scale * (rotation_matrix(pose) * to_vector(canonical)) +
                  to_vector(pose.translation));
}

FaceMesh stabilise(const FaceMesh& px, const HeadPose& pose) {
  const Eigen::Matrix3d back = rotation_matrix(pose).transpose() / pose.scale;
  const Eigen::Vector3d origin = to_vector(pose.translation);
  FaceMesh out;
  for (int i = 0; i < kMeshPoints; ++i) out[i] = to_point(back * (to_vector(px[i]) - origin));
  return out;
}

FaceMesh project(const FaceMesh& canonical, const HeadPose& pose) {
  const Eigen::Matrix3d forth = rotation_matrix(pose) * pose.scale;
  const Eigen::Vector3d origin = to_vector(pose.translation);
  FaceMesh out;
  for (int i = 0; i < kMeshPoints; ++i) out[i] = to_point(forth * to_vector(canonical[i]) + origin);
  return out;
}

HeadAngles angles(const HeadPose& pose) {
  const auto& r = pose.rotation;
  const float sine = std::min(1.0F, std::max(-1.0F, -r[6]));
  return {std::atan2(r[7], r[8]), std::asin(sine), std::atan2(r[3], r[0])};
}

std::array<float, 9> rotation_of(HeadAngles a) {
  const Eigen::Matrix3f m = (Eigen::AngleAxisf(a.roll, Eigen::Vector3f::UnitZ()) *
                             Eigen::AngleAxisf(a.yaw, Eigen::Vector3f::UnitY()) *
                             Eigen::AngleAxisf(a.pitch, Eigen::Vector3f::UnitX()))
                                .toRotationMatrix();
  std::array<float, 9> out{};
  Eigen::Map<Eigen::Matrix<float, 3, 3, Eigen::RowMajor>>(out.data()) = m;
  return out;
}

HeadPose rotate(const HeadPose& pose, HeadAngles turn, Point3 pivot) {
  HeadPose local;
  local.rotation = rotation_of(turn);
  const Eigen::Matrix3d added = rotation_matrix(local);
  const Eigen::Matrix3d before = rotation_matrix(pose);
  const Eigen::Vector3d about = to_vector(pivot);
  return make_pose(
      pose.scale, before * added,
      to_vector(pose.translation) + double{pose.scale} * (before * (about - added * about)));
}

HeadPose shift(const HeadPose& pose, Point2 units) {
  HeadPose out = pose;
  out.translation.x += pose.scale * units.x;
  out.translation.y += pose.scale * units.y;
  return out;
}

HeadPose add_head_motion(const HeadPose& pose, const FaceMotion& motion) {
  const auto& turn = motion.head_rotation_rad;
  return shift(rotate(pose, {turn[0], turn[1], turn[2]}), motion.head_shift);
}

HeadPose compose(const HeadPose& then, const HeadPose& first) {
  const Eigen::Matrix3d rotation = rotation_matrix(then);
  return make_pose(
      double{then.scale} * first.scale, rotation * rotation_matrix(first),
      double{then.scale} * (rotation * to_vector(first.translation)) + to_vector(then.translation));
}

}  // namespace visema
