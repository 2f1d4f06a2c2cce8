#include "visema/landmarks/face_shapes.h"

#include <Eigen/Dense>
#include <algorithm>

#include "visema/core/error.h"
#include "visema/core/face_points.h"

namespace visema {
namespace {

constexpr Eigen::Index kNumbers = Eigen::Index{kMeshPoints} * 3;
constexpr Eigen::Index kExtra = 16;  // directions beside those that are kept, for their precision
constexpr int kRounds = 6;

static_assert(sizeof(FaceMesh) == kNumbers * sizeof(float));

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Rows> matrix_of(std::span<const FaceMesh> faces) {
  return {&faces.data()->front().x, static_cast<Eigen::Index>(faces.size()), kNumbers};
}

Eigen::Map<const Rows> matrix_of(const std::vector<float>& rows) {
  return {rows.data(), static_cast<Eigen::Index>(rows.size()) / kNumbers, kNumbers};
}

std::vector<float> to_vector(const Eigen::MatrixXd& matrix) {
  std::vector<float> out(static_cast<std::size_t>(matrix.size()));
  Eigen::Map<Rows>(out.data(), matrix.rows(), matrix.cols()) = matrix.cast<float>();
  return out;
}

/// How much each number counts.
Eigen::VectorXd metric_of(double lip_weight) {
  Eigen::VectorXd metric = Eigen::VectorXd::Ones(kNumbers);
  for (const std::uint16_t point : kLips)
    metric.segment<3>(Eigen::Index{point} * 3).setConstant(lip_weight);
  return metric;
}

/// Numbers in -1..1 without order, the same on every machine.
Eigen::MatrixXd scattered(Eigen::Index rows, Eigen::Index columns) {
  Eigen::MatrixXd out(rows, columns);
  std::uint64_t state = 1;
  for (double& value : out.reshaped()) {
    // Knuth's MMIX generator.
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    value = static_cast<double>(state >> 11) * 0x1p-52 - 1;
  }
  return out;
}

Eigen::MatrixXd orthonormal(const Eigen::MatrixXd& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
  return qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
}

/// The strongest directions as columns, by subspace iteration (Halko, Martinsson and Tropp 2011):
/// an eighth of the time of all 1434.
Eigen::MatrixXd strongest(const Eigen::MatrixXd& covariance, Eigen::Index size) {
  const Eigen::Index tried = std::min(size + kExtra, kNumbers);
  Eigen::MatrixXd span = orthonormal(covariance * scattered(kNumbers, tried));
  for (int i = 0; i < kRounds; ++i) span = orthonormal(covariance * span);
  const Eigen::MatrixXd inner = span.transpose() * covariance * span;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(inner);
  return span * solver.eigenvectors().rowwise().reverse().leftCols(size);
}

}  // namespace

FaceShapes fit_face_shapes(std::span<const FaceMesh> faces, std::int64_t size, double lip_weight) {
  if (faces.empty()) throw Error(ErrorCode::kInput, "face shapes: no face to fit them to");
  const auto count = static_cast<Eigen::Index>(faces.size());
  const Eigen::VectorXd metric = metric_of(lip_weight);
  const Eigen::RowVectorXf mean = matrix_of(faces).colwise().mean();
  Rows seen = matrix_of(faces).rowwise() - mean;
  seen.array().rowwise() *= metric.cast<float>().transpose().array();
  Eigen::MatrixXf covariance = Eigen::MatrixXf::Zero(kNumbers, kNumbers);
  covariance.selfadjointView<Eigen::Lower>().rankUpdate(seen.transpose(),
                                                        1 / static_cast<float>(count));
  const Eigen::MatrixXd whole =
      Eigen::MatrixXf(covariance.selfadjointView<Eigen::Lower>()).cast<double>();
  const Eigen::MatrixXd directions =
      strongest(whole, std::clamp<Eigen::Index>(size, 1, std::min(count, kNumbers)));

  FaceShapes shapes;
  std::copy_n(mean.data(), kNumbers, &shapes.mean.front().x);
  shapes.rows = to_vector((metric.cwiseInverse().asDiagonal() * directions).transpose());
  shapes.project = to_vector((metric.asDiagonal() * directions).transpose());
  return shapes;
}

std::vector<float> shape_coefficients(const FaceShapes& shapes, std::span<const FaceMesh> faces) {
  if (faces.empty()) return {};
  const Eigen::Map<const Eigen::RowVectorXf> mean(&shapes.mean.front().x, kNumbers);
  std::vector<float> out(faces.size() * static_cast<std::size_t>(shapes.size()));
  Eigen::Map<Rows>(out.data(), static_cast<Eigen::Index>(faces.size()), shapes.size()) =
      (matrix_of(faces).rowwise() - mean) * matrix_of(shapes.project).transpose();
  return out;
}

std::vector<FaceMesh> shaped_faces(const FaceShapes& shapes, std::span<const float> coefficients) {
  const auto count = static_cast<Eigen::Index>(coefficients.size()) / shapes.size();
  std::vector<FaceMesh> faces(static_cast<std::size_t>(count));
  if (faces.empty()) return faces;
  const Eigen::Map<const Eigen::RowVectorXf> mean(&shapes.mean.front().x, kNumbers);
  Eigen::Map<Rows> out(&faces.front().front().x, count, kNumbers);
  out = Eigen::Map<const Rows>(coefficients.data(), count, shapes.size()) * matrix_of(shapes.rows);
  out.rowwise() += mean;
  return faces;
}

PlaneMap fit_plane_map(const FaceMesh& canonical, std::span<const Point2> points) {
  Eigen::MatrixXd from(kMeshPoints, 4);
  Eigen::MatrixXd to(kMeshPoints, 2);
  for (Eigen::Index i = 0; i < kMeshPoints; ++i) {
    const Point3& p = canonical[static_cast<std::size_t>(i)];
    const Point2& q = points[static_cast<std::size_t>(i)];
    from.row(i) << p.x, p.y, p.z, 1;
    to.row(i) << q.x, q.y;
  }
  const Eigen::MatrixXd map = from.householderQr().solve(to);  // 4 x 2
  PlaneMap out;
  for (Eigen::Index k = 0; k < 8; ++k)
    out[static_cast<std::size_t>(k)] = static_cast<float>(map(k % 4, k / 4));
  return out;
}

}  // namespace visema
