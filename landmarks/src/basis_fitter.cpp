#include <Eigen/Dense>
#include <cmath>

#include "visema/core/error.h"
#include "visema/landmarks/articulation_basis.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

constexpr int kNumbers = kMeshPoints * 3;
constexpr int kBatch = 256;

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::VectorXd per_number(const RegionWeights& weights) {
  Eigen::VectorXd out(kNumbers);
  for (int i = 0; i < kNumbers; ++i) out[i] = weights[i / 3];
  return out;
}

std::vector<float> to_vector(const Eigen::MatrixXd& matrix) {
  std::vector<float> out(matrix.size());
  Eigen::Map<Rows>(out.data(), matrix.rows(), matrix.cols()) = matrix.cast<float>();
  return out;
}

// The `count` strongest directions of the region's share of the offsets, seen through `metric`, as
// rows that apply to plain offsets: u / metric.
Eigen::MatrixXd principal_rows(const Eigen::MatrixXd& moments, const Eigen::VectorXd& region,
                               const Eigen::VectorXd& metric, int count) {
  std::vector<int> used;
  for (int i = 0; i < kNumbers; ++i) {
    if (region[i] > 0) used.push_back(i);
  }
  const auto n = static_cast<Eigen::Index>(used.size());
  Eigen::MatrixXd seen(n, n);
  for (Eigen::Index c = 0; c < n; ++c) {
    for (Eigen::Index r = 0; r < n; ++r) {
      seen(r, c) = moments(used[r], used[c]) * region[used[r]] * metric[used[r]] * region[used[c]] *
                   metric[used[c]];
    }
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(seen);
  Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(count, kNumbers);
  for (int k = 0; k < count; ++k) {
    const auto direction = solver.eigenvectors().col(n - 1 - k);  // ascending order
    Eigen::Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    const double sign = direction[largest] < 0 ? -1 : 1;
    for (Eigen::Index i = 0; i < n; ++i) rows(k, used[i]) = sign * direction[i] / metric[used[i]];
  }
  return rows;
}

}  // namespace

struct BasisFitter::State {
  Options options;
  Eigen::VectorXd lower;  // weight of each number in the region
  Eigen::VectorXd upper;
  Eigen::VectorXd metric;  // how much each number counts
  Eigen::MatrixXd moments = Eigen::MatrixXd::Zero(kNumbers, kNumbers);  // lower triangle
  Eigen::MatrixXf batch = Eigen::MatrixXf::Zero(kNumbers, kBatch);
  int pending = 0;
  std::int64_t frames = 0;
  double total_weight = 0;

  void flush() {
    const Eigen::MatrixXf part = batch.leftCols(pending);
    Eigen::MatrixXf product = Eigen::MatrixXf::Zero(kNumbers, kNumbers);
    product.selfadjointView<Eigen::Lower>().rankUpdate(part);
    moments.triangularView<Eigen::Lower>() += product.cast<double>();
    pending = 0;
  }
};

BasisFitter::BasisFitter(const CanonicalFace& face) : BasisFitter(face, Options()) {}

BasisFitter::BasisFitter(const CanonicalFace& face, Options options)
    : state_(std::make_unique<State>()) {
  if (options.lower_size < 1 || options.lower_size > 300 || options.upper_size < 1 ||
      options.upper_size > 300 || !(options.lip_weight > 0)) {
    throw Error(ErrorCode::kUsage,
                "articulation basis: lower_size = " + std::to_string(options.lower_size) +
                    ", upper_size = " + std::to_string(options.upper_size) +
                    ": must be in 1..300, lip_weight above 0");
  }
  state_->options = options;
  state_->lower = per_number(lower_face_weights(face.mesh()));
  state_->upper = per_number(upper_face_weights(face.mesh()));
  state_->metric = Eigen::VectorXd::Ones(kNumbers);
  for (const int i : kLips) state_->metric.segment<3>(3 * i).setConstant(options.lip_weight);
}

BasisFitter::~BasisFitter() = default;
BasisFitter::BasisFitter(BasisFitter&&) noexcept = default;
BasisFitter& BasisFitter::operator=(BasisFitter&&) noexcept = default;

void BasisFitter::add(const FaceMesh& offset, double weight) {
  auto column = state_->batch.col(state_->pending);
  const auto root = static_cast<float>(std::sqrt(std::max(0.0, weight)));
  for (int i = 0; i < kMeshPoints; ++i) {
    column.segment<3>(3 * i) = root * Eigen::Vector3f(offset[i].x, offset[i].y, offset[i].z);
  }
  if (!column.allFinite()) return;
  ++state_->frames;
  state_->total_weight += weight;
  if (++state_->pending == kBatch) state_->flush();
}

ArticulationBasis BasisFitter::fit() {
  State& s = *state_;
  const int k1 = s.options.lower_size;
  const int k2 = s.options.upper_size;
  if (s.frames < std::max(k1, k2) || !(s.total_weight > 0)) {
    throw Error(ErrorCode::kInput, "articulation basis: " + std::to_string(s.frames) +
                                       " frames, must be at least " +
                                       std::to_string(std::max(k1, k2)));
  }
  s.flush();
  const Eigen::MatrixXd moments =
      Eigen::MatrixXd(s.moments.selfadjointView<Eigen::Lower>()) / s.total_weight;

  Eigen::MatrixXd rows(k1 + k2, kNumbers);
  rows.topRows(k1) = principal_rows(moments, s.lower, s.metric, k1);
  rows.bottomRows(k2) = principal_rows(moments, s.upper, s.metric, k2);

  // Both regions at once, so that a point between them is explained once.
  const Eigen::VectorXd importance =
      (s.lower + s.upper).cwiseProduct(s.metric).cwiseProduct(s.metric);
  const Eigen::MatrixXd weighted = rows * importance.asDiagonal();
  const Eigen::MatrixXd project = (weighted * rows.transpose()).eval().ldlt().solve(weighted);
  const Eigen::VectorXd deviation =
      (project * moments * project.transpose()).diagonal().cwiseMax(1e-12).cwiseSqrt();

  const auto part = [&](int first, int count) {
    return ArticulationBasis::Part{to_vector(rows.middleRows(first, count)),
                                   to_vector(project.middleRows(first, count)),
                                   to_vector(deviation.segment(first, count))};
  };
  return {part(0, k1), part(k1, k2)};
}

}  // namespace visema
