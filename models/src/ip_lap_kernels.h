#pragma once

#include <cstdint>

namespace visema {

/// Some channels of the pixels of a picture, `step` numbers from one pixel to the next.
struct ChannelSlice {
  const float* from;
  std::int64_t pixels, channels, step;
};
/// Mean and 1 / sqrt(variance + epsilon) of each channel.
void channel_statistics(const ChannelSlice& slice, double epsilon, float* mean, float* scale);

/// What modulate() turns `pixels` pixels of `channels` channels into:
///   y = (x - mean) scale gain + shift, below 0 times slope.
struct Modulation {
  const float* mean;
  const float* scale;
  const float* gain;   // of the first pixel
  const float* shift;  // likewise
  std::int64_t step;   // from one pixel's gain to the next; 0: all share one
  std::int64_t channels;
  float slope;
};
void modulate(const float* from, float* to, std::int64_t pixels, const Modulation& how);

/// A picture [height, width, channels] and the pixels of another picture's row that are taken from
/// it.
struct WarpRow {
  const float* from;
  std::int64_t height, width, channels;
  const float* places;   // x and y of each pixel in pixels of `from`; outside is 0
  const float* weights;  // of each pixel
  std::int64_t pixels;
  float* sum;  // [pixels, channels]: to which weight x bilinear sample is added
};
void add_warped(const WarpRow& row);

}  // namespace visema
