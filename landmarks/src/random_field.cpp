#include "random_field.h"

#include <cmath>

namespace visema {
namespace {

// Finalizer of SplitMix64 (Steele, Lea and Flood 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t RandomField::bits(std::uint32_t channel, std::int64_t index) const {
  return mix(mix(mix(seed_) ^ channel) ^ static_cast<std::uint64_t>(index));
}

double RandomField::uniform(std::uint32_t channel, std::int64_t index) const {
  return static_cast<double>(bits(channel, index) >> 11) * 0x1p-53;
}

double RandomField::normal(std::uint32_t channel, std::int64_t index) const {
  const std::uint64_t x = bits(channel, index);
  double sum = 0;
  for (int part = 0; part < 4; ++part) {
    sum += static_cast<double>((x >> (16 * part)) & 0xFFFF) / 65536.0;
  }
  return (sum - 2) * std::sqrt(3.0);
}

double RandomField::smooth(std::uint32_t channel, double time_s, double knot_s) const {
  const double place = time_s / knot_s;
  const auto first = static_cast<std::int64_t>(std::floor(place));
  const double t = place - static_cast<double>(first);
  const double u = 1 - t;
  const double weight[4] = {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
                            (3 * u * u * u - 6 * u * u + 4) / 6, t * t * t / 6};
  double sum = 0;
  for (int k = 0; k < 4; ++k) sum += weight[k] * normal(channel, first + k);
  constexpr double kDeviation = 0.692;  // sqrt(151 / 315), mean square of the B-spline
  return sum / kDeviation;
}

}  // namespace visema
