#include "ip_lap_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernel_variants.h"

namespace visema {
namespace {

struct ModulateJob {
  const float* from;
  float* to;
  std::int64_t pixels;
  Modulation how;
};

template <typename V>
VISEMA_INLINE void modulate_channels(const ModulateJob& job, std::int64_t at, const float* gain,
                                     const float* shift, std::int64_t c) {
  V x, mean, scale, factor, term;
  std::memcpy(&x, job.from + at + c, sizeof x);
  std::memcpy(&mean, job.how.mean + c, sizeof x);
  std::memcpy(&scale, job.how.scale + c, sizeof x);
  std::memcpy(&factor, gain + c, sizeof x);
  std::memcpy(&term, shift + c, sizeof x);
  x = (x - mean) * scale * factor + term;
  x = x > 0 ? x : x * job.how.slope;
  std::memcpy(job.to + at + c, &x, sizeof x);
}

template <typename V>
VISEMA_INLINE void modulate_body(const ModulateJob& job) {
  for (std::int64_t pixel = 0; pixel < job.pixels; ++pixel) {
    const std::int64_t at = pixel * job.how.channels;
    const float* gain = job.how.gain + pixel * job.how.step;
    const float* shift = job.how.shift + pixel * job.how.step;
    std::int64_t c = 0;
    for (; c + kWidth<V> <= job.how.channels; c += kWidth<V>)
      modulate_channels<V>(job, at, gain, shift, c);
    for (; c < job.how.channels; ++c) modulate_channels<float>(job, at, gain, shift, c);
  }
}

/// The four pixels around a place and what each counts.
struct Corners {
  const float* pixel[4];
  float weight[4];
  int count;
};

VISEMA_INLINE void find_corners(const WarpRow& row, std::int64_t i, Corners& corners) {
  corners.count = 0;
  const float x = row.places[2 * i], y = row.places[2 * i + 1], weight = row.weights[i];
  const float left = std::floor(x), top = std::floor(y);
  for (int corner = 0; corner < 4; ++corner) {
    const float column = left + static_cast<float>(corner % 2);
    const float line = top + static_cast<float>(corner >> 1);
    const bool inside = column >= 0 && column < static_cast<float>(row.width) && line >= 0 &&
                        line < static_cast<float>(row.height);
    if (!inside) continue;
    const std::int64_t at =
        static_cast<std::int64_t>(line) * row.width + static_cast<std::int64_t>(column);
    corners.pixel[corners.count] = row.from + at * row.channels;
    corners.weight[corners.count++] =
        weight * (1 - std::abs(x - column)) * (1 - std::abs(y - line));
  }
}

template <typename V>
VISEMA_INLINE void add_corners(const Corners& corners, float* sum, std::int64_t c) {
  V total;
  std::memcpy(&total, sum + c, sizeof total);
  for (int k = 0; k < corners.count; ++k) {
    V value;
    std::memcpy(&value, corners.pixel[k] + c, sizeof value);
    total += value * corners.weight[k];
  }
  std::memcpy(sum + c, &total, sizeof total);
}

template <typename V>
VISEMA_INLINE void warp_body(const WarpRow& row) {
  for (std::int64_t i = 0; i < row.pixels; ++i) {
    Corners corners;
    find_corners(row, i, corners);
    float* sum = row.sum + i * row.channels;
    std::int64_t c = 0;
    for (; c + kWidth<V> <= row.channels; c += kWidth<V>) add_corners<V>(corners, sum, c);
    for (; c < row.channels; ++c) add_corners<float>(corners, sum, c);
  }
}

struct SumJob {
  ChannelSlice slice;
  float* sum;
  float* squares;
};

template <typename V>
VISEMA_INLINE void sum_channels(const SumJob& job, std::int64_t c) {
  V sum{}, squares{};
  for (std::int64_t pixel = 0; pixel < job.slice.pixels; ++pixel) {
    V x;
    std::memcpy(&x, job.slice.from + pixel * job.slice.step + c, sizeof x);
    sum += x;
    squares += x * x;
  }
  std::memcpy(job.sum + c, &sum, sizeof sum);
  std::memcpy(job.squares + c, &squares, sizeof sum);
}

template <typename V>
VISEMA_INLINE void sums_body(const SumJob& job) {
  std::int64_t c = 0;
  for (; c + kWidth<V> <= job.slice.channels; c += kWidth<V>) sum_channels<V>(job, c);
  for (; c < job.slice.channels; ++c) sum_channels<float>(job, c);
}

VISEMA_VARIANTS(modulate, ModulateJob)
VISEMA_VARIANTS(warp, WarpRow)
VISEMA_VARIANTS(sums, SumJob)

constexpr std::int64_t kPixelsTogether = 32;  // summed in float, the rest in double

}  // namespace

void channel_statistics(const ChannelSlice& slice, double epsilon, float* mean, float* scale) {
  const auto size = static_cast<std::size_t>(slice.channels);
  std::vector<float> part(2 * size);
  std::vector<double> all(2 * size);
  for (std::int64_t first = 0; first < slice.pixels; first += kPixelsTogether) {
    const ChannelSlice few = {slice.from + first * slice.step,
                              std::min(kPixelsTogether, slice.pixels - first), slice.channels,
                              slice.step};
    sums({few, part.data(), part.data() + size});
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += part[i];
  }
  const auto count = static_cast<double>(slice.pixels);
  for (std::size_t c = 0; c < size; ++c) {
    const double centre = all[c] / count;
    const double variance = std::max(0.0, all[size + c] / count - centre * centre);
    mean[c] = static_cast<float>(centre);
    scale[c] = static_cast<float>(1 / std::sqrt(variance + epsilon));
  }
}

void modulate(const float* from, float* to, std::int64_t pixels, const Modulation& how) {
  modulate(ModulateJob{from, to, pixels, how});
}

void add_warped(const WarpRow& row) {
  warp(row);
}

}  // namespace visema
