#pragma once

#include <cstdint>
#include <span>
#include <vector>

// Loops over one picture in NHWC order for networks so small that a library's overhead for each
// operation costs more than its arithmetic. Plain C++ with vector types, compiled for AVX-512, AVX2
// and the baseline and chosen once at run time.

namespace visema {

enum class Activation { kNone, kRelu, kRelu6, kSigmoid, kSoftmax, kPrelu };

/// values [pixels, slope.size()]: v < 0 becomes slope of its channel times v.
void prelu_in_place(std::span<float> values, std::span<const float> slope);
void clamp_in_place(std::span<float> values, float low, float high);

/// sum [pixels, channels] += term [pixels, term_channels], term_channels <= channels; then, where
/// slope is not empty, PReLU with one slope a channel.
void add_in_place(std::span<float> sum, std::int64_t channels, std::span<const float> term,
                  std::int64_t term_channels, std::span<const float> slope);

/// A convolution with 1x1 kernel and stride 1.
class PointwiseKernel {
 public:
  /// weight [outs, ins]; bias empty or [outs].
  PointwiseKernel(std::span<const float> weight, std::span<const float> bias, std::int64_t outs,
                  std::int64_t ins);
  /// from [pixels, ins], to [pixels, outs].
  void run(const float* from, float* to, std::int64_t pixels) const;

 private:
  std::int64_t outs_, ins_;
  std::vector<float> weight_;  // [outs / 16, ins, 16], outs padded with zeros
  std::vector<float> bias_;    // [padded outs]
};

struct PictureShape {
  std::int64_t height = 0, width = 0, channels = 0;
};

/// A convolution that works on each channel alone.
class DepthwiseKernel {
 public:
  /// weight [channels, height, width]; bias empty or [channels].
  DepthwiseKernel(std::span<const float> weight, std::span<const float> bias, std::int64_t channels,
                  std::int64_t height, std::int64_t width);
  /// Zeros above and to the left of the picture (top, left) and as many as needed below and right.
  void run(const float* from, const PictureShape& from_shape, float* to,
           const PictureShape& to_shape, std::int64_t stride_y, std::int64_t stride_x,
           std::int64_t top, std::int64_t left) const;

 private:
  std::int64_t height_, width_;
  std::vector<float> weight_;  // [height, width, channels]
  std::vector<float> bias_;    // [channels]
};

}  // namespace visema
