#include "likely_face.h"

#include <Eigen/Dense>
#include <algorithm>

#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

constexpr double kLipNoise = 0.02;    // canonical units
constexpr double kDepthWeight = 0.5;  // depth from one camera is less sure
constexpr float kLeastDeviation = 1e-3F;

}  // namespace

LikelyFace::LikelyFace(const BasisPart& lower)
    : count_(static_cast<std::size_t>(lower.count)), matrix_(count_ * count_) {
  const auto columns = static_cast<Eigen::Index>(count_);
  Eigen::MatrixXd lips(3 * kLips.size(), columns);
  for (Eigen::Index k = 0; k < columns; ++k)
    for (std::size_t i = 0; i < kLips.size(); ++i) {
      const float* p = &lower.rows[(static_cast<std::size_t>(k) * kMeshPoints + kLips[i]) * 3];
      const auto row = static_cast<Eigen::Index>(3 * i);
      lips(row, k) = p[0];
      lips(row + 1, k) = p[1];
      lips(row + 2, k) = kDepthWeight * p[2];
    }
  const Eigen::MatrixXd known = lips.transpose() * lips;
  Eigen::MatrixXd posterior = known;
  for (Eigen::Index k = 0; k < columns; ++k) {
    const double deviation =
        std::max(lower.deviation[static_cast<std::size_t>(k)], kLeastDeviation);
    posterior(k, k) += kLipNoise * kLipNoise / (deviation * deviation);
  }
  Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      matrix_.data(), columns, columns) = posterior.ldlt().solve(known).cast<float>();
}

void LikelyFace::apply(std::span<float> coefficients) const {
  const std::vector<float> said(coefficients.begin(), coefficients.end());
  for (std::size_t i = 0; i < count_; ++i) {
    float sum = 0;
    for (std::size_t k = 0; k < count_; ++k) sum += matrix_[i * count_ + k] * said[k];
    coefficients[i] = sum;
  }
}

}  // namespace visema
