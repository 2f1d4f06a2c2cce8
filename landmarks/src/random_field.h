#pragma once

#include <cstdint>

namespace visema {

/// Random numbers that are a function of seed, channel and index, so that any of them can be had in
/// any order.
class RandomField {
 public:
  explicit RandomField(std::uint64_t seed) : seed_(seed) {}

  /// Uniform in [0, 1).
  double uniform(std::uint32_t channel, std::int64_t index) const;
  /// Mean 0, deviation 1, within +-3.5 (sum of uniforms).
  double normal(std::uint32_t channel, std::int64_t index) const;
  /// Smooth noise of deviation 1: cubic B-spline over normal numbers `knot_s` apart. Most of its
  /// power lies below 0.5 / knot_s Hz.
  double smooth(std::uint32_t channel, double time_s, double knot_s) const;

 private:
  std::uint64_t bits(std::uint32_t channel, std::int64_t index) const;
  std::uint64_t seed_;
};

}  // namespace visema
