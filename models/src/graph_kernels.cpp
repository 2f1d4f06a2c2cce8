#include "graph_kernels.h"

#include <algorithm>
#include <cstring>

#include "kernel_variants.h"

namespace visema {
namespace {

constexpr int kLanes = 16;  // outputs or channels that are worked on together
constexpr std::int64_t kWeightsInCache = 48 << 10;  // floats that stay near while pixels pass by

struct PointwiseJob {
  const float* from;
  float* to;
  std::int64_t pixels, ins, outs;
  const float* weight;
  const float* bias;
};

/// N pixels times 16 outputs.
template <typename V, int N>
VISEMA_INLINE void pointwise_tile(const PointwiseJob& job, std::int64_t pixel, std::int64_t out) {
  constexpr int kParts = kLanes / kWidth<V>;
  V sum[N][kParts];
  std::memcpy(&sum[0], job.bias + out, sizeof sum[0]);
  for (int p = 1; p < N; ++p)
    for (int v = 0; v < kParts; ++v) sum[p][v] = sum[0][v];
  const float* x = job.from + pixel * job.ins;
  const float* w = job.weight + out * job.ins;
  for (std::int64_t k = 0; k < job.ins; ++k, w += kLanes) {
    V row[kParts];
    for (int v = 0; v < kParts; ++v) std::memcpy(&row[v], w + v * kWidth<V>, sizeof(V));
    for (int p = 0; p < N; ++p)
      for (int v = 0; v < kParts; ++v) sum[p][v] += x[p * job.ins + k] * row[v];
  }
  const std::int64_t rest = job.outs - out;
  for (int p = 0; p < N; ++p) {
    float* y = job.to + (pixel + p) * job.outs + out;
    if (rest >= kLanes) {
      for (int v = 0; v < kParts; ++v) std::memcpy(y + v * kWidth<V>, &sum[p][v], sizeof(V));
    } else {
      std::memcpy(y, &sum[p], static_cast<std::size_t>(rest) * sizeof(float));
    }
  }
}

/// N pixels, or as many as there are.
template <typename V, int N>
VISEMA_INLINE void pointwise_pixels(const PointwiseJob& job, std::int64_t pixel, std::int64_t out) {
  if constexpr (N > 0) {
    if (job.pixels - pixel >= N) return pointwise_tile<V, N>(job, pixel, out);
    pointwise_pixels<V, N - 1>(job, pixel, out);
  }
}

template <typename V>
VISEMA_INLINE void pointwise_body(const PointwiseJob& job) {
  // As many sums as registers hold.
  constexpr int kTile = kWidth<V> == 16 ? 12 : kWidth<V> == 8 ? 6 : 3;
  // What is larger, weights or pixels, is read once.
  if (job.ins * job.outs > kWeightsInCache) {
    for (std::int64_t out = 0; out < job.outs; out += kLanes)
      for (std::int64_t pixel = 0; pixel < job.pixels; pixel += kTile)
        pointwise_pixels<V, kTile>(job, pixel, out);
  } else {
    for (std::int64_t pixel = 0; pixel < job.pixels; pixel += kTile)
      for (std::int64_t out = 0; out < job.outs; out += kLanes)
        pointwise_pixels<V, kTile>(job, pixel, out);
  }
}

struct DepthwiseJob {
  const float* from;
  PictureShape from_shape;
  float* to;
  PictureShape to_shape;
  std::int64_t stride_y, stride_x, top, left, height, width;
  const float* weight;
  const float* bias;
};

/// The taps of the kernel that lie in the picture.
struct Taps {
  std::int64_t first_row, end_row, first_column, end_column;
};

/// Channels [c, c + N * kWidth<V>) of P output pixels side by side, whose taps are the same.
template <typename V, int P, int N>
VISEMA_INLINE void depthwise_tile(const DepthwiseJob& job, const float* x, float* y, std::int64_t c,
                                  const Taps& taps) {
  const std::int64_t channels = job.from_shape.channels;
  const std::int64_t step = job.stride_x * channels;
  V sum[P][N];
  for (int v = 0; v < N; ++v) {
    V start;
    std::memcpy(&start, job.bias + c + v * kWidth<V>, sizeof start);
    for (int p = 0; p < P; ++p) sum[p][v] = start;
  }
  for (std::int64_t i = taps.first_row; i < taps.end_row; ++i) {
    const float* line = x + i * job.from_shape.width * channels + c;
    const float* w = job.weight + i * job.width * channels + c;
    for (std::int64_t j = taps.first_column; j < taps.end_column; ++j) {
      for (int v = 0; v < N; ++v) {
        V factor;
        std::memcpy(&factor, w + j * channels + v * kWidth<V>, sizeof factor);
        for (int p = 0; p < P; ++p) {
          V value;
          std::memcpy(&value, line + p * step + j * channels + v * kWidth<V>, sizeof value);
          sum[p][v] += value * factor;
        }
      }
    }
  }
  for (int p = 0; p < P; ++p)
    for (int v = 0; v < N; ++v)
      std::memcpy(y + p * channels + c + v * kWidth<V>, &sum[p][v], sizeof(V));
}

template <typename V, int P>
VISEMA_INLINE void depthwise_pixels(const DepthwiseJob& job, const float* x, float* y,
                                    const Taps& taps) {
  const std::int64_t channels = job.from_shape.channels;
  std::int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes)
    depthwise_tile<V, P, kLanes / kWidth<V>>(job, x, y, c, taps);
  for (; c + 4 <= channels; c += 4) depthwise_tile<Sse, P, 1>(job, x, y, c, taps);
  for (; c < channels; ++c) depthwise_tile<float, P, 1>(job, x, y, c, taps);
}

template <typename V>
VISEMA_INLINE void depthwise_body(const DepthwiseJob& job) {
  constexpr int kTile = kWidth<V> == 4 ? 2 : 4;  // as many sums as registers hold
  const std::int64_t channels = job.from_shape.channels;
  float* y = job.to;
  for (std::int64_t row = 0; row < job.to_shape.height; ++row) {
    const std::int64_t first_row = row * job.stride_y - job.top;
    Taps taps{std::max<std::int64_t>(0, -first_row),
              std::min(job.height, job.from_shape.height - first_row), 0, 0};
    for (std::int64_t column = 0; column < job.to_shape.width;) {
      const std::int64_t first_column = column * job.stride_x - job.left;
      taps.first_column = std::max<std::int64_t>(0, -first_column);
      taps.end_column = std::min(job.width, job.from_shape.width - first_column);
      const float* x = job.from + (first_row * job.from_shape.width + first_column) * channels;
      const bool all_inside =
          first_column >= 0 && column + kTile <= job.to_shape.width &&
          first_column + (kTile - 1) * job.stride_x + job.width <= job.from_shape.width;
      if (all_inside)
        depthwise_pixels<V, kTile>(job, x, y, taps);
      else
        depthwise_pixels<V, 1>(job, x, y, taps);
      const int done = all_inside ? kTile : 1;
      column += done;
      y += done * channels;
    }
  }
}

struct AddJob {
  float *sum, *end;
  const float* term;
  std::int64_t channels, term_channels;
  const float* slope;  // null for none
};

VISEMA_INLINE void prelu_pixel(float* v, const float* slope, std::int64_t channels) {
  for (std::int64_t c = 0; c < channels; ++c) {
    v[c] = std::max(v[c], 0.0f) + slope[c] * std::min(v[c], 0.0f);
  }
}

template <typename>
VISEMA_INLINE void add_body(const AddJob& job) {
  const float* t = job.term;
  for (float* s = job.sum; s < job.end; s += job.channels, t += job.term_channels) {
    for (std::int64_t c = 0; c < job.term_channels; ++c) s[c] += t[c];
    if (job.slope != nullptr) prelu_pixel(s, job.slope, job.channels);
  }
}

struct PreluJob {
  float *values, *end;
  const float* slope;
  std::int64_t channels;
};

template <typename>
VISEMA_INLINE void prelu_body(const PreluJob& job) {
  for (float* v = job.values; v < job.end; v += job.channels) {
    prelu_pixel(v, job.slope, job.channels);
  }
}

struct ClampJob {
  float *values, *end;
  float low, high;
};

template <typename>
VISEMA_INLINE void clamp_body(const ClampJob& job) {
  for (float* v = job.values; v < job.end; ++v) *v = std::min(std::max(*v, job.low), job.high);
}

VISEMA_VARIANTS(pointwise, PointwiseJob)
VISEMA_VARIANTS(depthwise, DepthwiseJob)
VISEMA_VARIANTS(add, AddJob)
VISEMA_VARIANTS(prelu, PreluJob)
VISEMA_VARIANTS(clamp, ClampJob)

std::int64_t padded(std::int64_t outs) {
  return (outs + kLanes - 1) / kLanes * kLanes;
}

}  // namespace

void prelu_in_place(std::span<float> values, std::span<const float> slope) {
  prelu({values.data(), values.data() + values.size(), slope.data(),
         static_cast<std::int64_t>(slope.size())});
}

void clamp_in_place(std::span<float> values, float low, float high) {
  clamp({values.data(), values.data() + values.size(), low, high});
}

void add_in_place(std::span<float> sum, std::int64_t channels, std::span<const float> term,
                  std::int64_t term_channels, std::span<const float> slope) {
  add({sum.data(), sum.data() + sum.size(), term.data(), channels, term_channels,
       slope.empty() ? nullptr : slope.data()});
}

PointwiseKernel::PointwiseKernel(std::span<const float> weight, std::span<const float> bias,
                                 std::int64_t outs, std::int64_t ins)
    : outs_(outs),
      ins_(ins),
      weight_(static_cast<std::size_t>(ins * padded(outs))),
      bias_(static_cast<std::size_t>(padded(outs))) {
  for (std::int64_t o = 0; o < outs; ++o) {
    float* block = &weight_[static_cast<std::size_t>(o / kLanes * kLanes * ins + o % kLanes)];
    for (std::int64_t i = 0; i < ins; ++i) block[i * kLanes] = weight[o * ins + i];
  }
  std::copy(bias.begin(), bias.end(), bias_.begin());
}

void PointwiseKernel::run(const float* from, float* to, std::int64_t pixels) const {
  pointwise({from, to, pixels, ins_, outs_, weight_.data(), bias_.data()});
}

DepthwiseKernel::DepthwiseKernel(std::span<const float> weight, std::span<const float> bias,
                                 std::int64_t channels, std::int64_t height, std::int64_t width)
    : height_(height),
      width_(width),
      weight_(weight.size()),
      bias_(static_cast<std::size_t>(channels)) {
  const std::int64_t taps = height * width;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t t = 0; t < taps; ++t) weight_[t * channels + c] = weight[c * taps + t];
  }
  std::copy(bias.begin(), bias.end(), bias_.begin());
}

void DepthwiseKernel::run(const float* from, const PictureShape& from_shape, float* to,
                          const PictureShape& to_shape, std::int64_t stride_y,
                          std::int64_t stride_x, std::int64_t top, std::int64_t left) const {
  depthwise({from, from_shape, to, to_shape, stride_y, stride_x, top, left, height_, width_,
             weight_.data(), bias_.data()});
}

}  // namespace visema
