#pragma once

#include <cstdint>

namespace visema {

/// The end of the generator: what its last layer says becomes colours and blend.
struct GeneratorHead {
  static constexpr int kHeads = 5;       // residual r g b, blend m, share of B
  static constexpr int kReferenceA = 4;  // planes of the input: its r g b
  static constexpr int kReferenceB = 7;
  static constexpr int kInnerLip = 10;        // signed distance to the inner lips
  static constexpr float kInnerLipSlope = 8;  // all is painted from 2 px inside
  static constexpr float kShareBias = 2;      // A is taken at first

  /// heads [height / 2, width / 2, 20], channel 4 c + 2 dy + dx is head c of pixel (dx, dy);
  /// planes [13, height, width]; result [4, height, width]: r g b in 0..1 and m. Height and width
  /// are even.
  static void finish(const float* heads, const float* planes, std::int64_t height,
                     std::int64_t width, float* result);
};

}  // namespace visema
