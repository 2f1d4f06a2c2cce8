#include "visema/evaluation/perceptual.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include "visema/core/error.h"
#include "visema/evaluation/picture_similarity.h"

namespace visema {
namespace {

/// Squared distance of two vectors scaled to length 1: 2 - 2 cos. One without length stays as it
/// is. Sums in lanes, which the compiler turns into vector instructions.
double unit_distance(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> aa{}, bb{}, ab{};
  std::size_t c = 0;
  for (; c + kLanes <= a.size(); c += kLanes) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      aa[i] += a[c + i] * a[c + i];
      bb[i] += b[c + i] * b[c + i];
      ab[i] += a[c + i] * b[c + i];
    }
  }
  for (; c < a.size(); ++c) {
    aa[0] += a[c] * a[c];
    bb[0] += b[c] * b[c];
    ab[0] += a[c] * b[c];
  }
  const double square_a = std::accumulate(aa.begin(), aa.end(), 0.0);
  const double square_b = std::accumulate(bb.begin(), bb.end(), 0.0);
  if (square_a == 0 || square_b == 0) return (square_a > 0 ? 1 : 0) + (square_b > 0 ? 1 : 0);
  const double product = std::accumulate(ab.begin(), ab.end(), 0.0);
  return std::max(0.0, 2 - 2 * product / std::sqrt(square_a * square_b));
}

}  // namespace

PerceptualDistance::PerceptualDistance(const std::filesystem::path& network) : network_(network) {
  const auto& in = network_.input().shape;
  bool fits = in.size() == 4 && in[3] == 3 && !network_.outputs().empty();
  for (const auto& output : network_.outputs()) fits = fits && output.shape.size() == 4;
  if (!fits) {
    throw Error(ErrorCode::kModel, network.string() +
                                       " gives no perceptual distance: it must turn an RGB picture "
                                       "into feature maps [1, height, width, channels]");
  }
}

std::vector<std::vector<float>> PerceptualDistance::features(const Image& picture) const {
  if (picture.empty()) throw Error(ErrorCode::kInput, "perceptual distance of an empty picture");
  const auto& shape = network_.input().shape;
  const Image fitted = resized(picture, static_cast<int>(shape[2]), static_cast<int>(shape[1]));
  std::vector<float> numbers;
  numbers.reserve(fitted.rgb.size());
  for (const auto level : fitted.rgb) numbers.push_back(static_cast<float>(level) / 255);
  return network_.run(numbers);
}

double PerceptualDistance::distance(const Image& a, const Image& b) const {
  const auto of_a = features(a), of_b = features(b);
  double sum = 0;
  for (std::size_t layer = 0; layer < of_a.size(); ++layer) {
    const std::span<const float> x(of_a[layer]), y(of_b[layer]);
    const auto channels = static_cast<std::size_t>(network_.outputs()[layer].shape[3]);
    const std::size_t positions = x.size() / channels;
    double layer_sum = 0;
    for (std::size_t p = 0; p < positions; ++p)
      layer_sum +=
          unit_distance(x.subspan(p * channels, channels), y.subspan(p * channels, channels));
    sum += layer_sum / static_cast<double>(positions);
  }
  return sum / static_cast<double>(of_a.size());
}

}  // namespace visema
