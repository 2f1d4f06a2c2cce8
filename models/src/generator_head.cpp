#include "generator_head.h"

#include <cstring>
#include <vector>

#include "kernel_variants.h"

namespace visema {
namespace {

struct RowJob {
  const float* heads[GeneratorHead::kHeads];  // of the row, [width]
  const float* planes;                        // the row of plane 0
  std::int64_t plane_size, width;
  float* result;  // the row of plane 0
};

using One = float __attribute__((vector_size(4)));
template <typename V>
struct WholeOf;
template <>
struct WholeOf<One> {
  using Type = unsigned __attribute__((vector_size(4)));
};
template <>
struct WholeOf<Sse> {
  using Type = unsigned __attribute__((vector_size(16)));
};
template <>
struct WholeOf<Avx2> {
  using Type = unsigned __attribute__((vector_size(32)));
};
template <>
struct WholeOf<Avx512> {
  using Type = unsigned __attribute__((vector_size(64)));
};

/// e^x for x in -87..87 to 2 units in the last place (Cody and Waite 1980): x = n ln 2 + r, the
/// Taylor sum for r in -0.35..0.35, times 2^n.
template <typename V>
VISEMA_INLINE void exponential(V& x) {
  constexpr float kRound =
      12582912;  // 1.5 * 2^23: a sum with it has the whole part in its last bits
  x = x < 87.0F ? x : V{} + 87.0F;
  x = x > -87.0F ? x : V{} - 87.0F;
  const V rounded = x * 1.44269504F + kRound;
  const V n = rounded - kRound;
  const V r = (x - n * 0.693145752F) - n * 1.42860677e-6F;
  V sum = V{} + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  typename WholeOf<V>::Type power;
  std::memcpy(&power, &rounded, sizeof power);
  power = (power + 127U) << 23U;
  V scale;
  std::memcpy(&scale, &power, sizeof scale);
  x = sum * scale;
}

template <typename V>
VISEMA_INLINE void sigmoid(V& x) {
  x = -x;
  exponential(x);
  x = 1.0F / (1.0F + x);
}

template <typename V>
VISEMA_INLINE void tanh_of(V& x) {
  x = x + x;
  exponential(x);
  x = 1.0F - 2.0F / (1.0F + x);
}

template <typename V>
VISEMA_INLINE void clamp_to_one(V& x) {
  x = x > 0.0F ? x : V{};
  x = x < 1.0F ? x : V{} + 1.0F;
}

template <typename V>
VISEMA_INLINE void finish_pixels(const RowJob& job, std::int64_t x) {
  const auto at = static_cast<std::size_t>(x);
  V share, blend, painted;
  std::memcpy(&share, job.heads[4] + at, sizeof share);
  std::memcpy(&blend, job.heads[3] + at, sizeof blend);
  share = share - GeneratorHead::kShareBias;
  sigmoid(share);
  sigmoid(blend);
  for (int c = 0; c < 3; ++c) {
    V residual, a, b;
    std::memcpy(&residual, job.heads[c] + at, sizeof residual);
    std::memcpy(&a, job.planes + (GeneratorHead::kReferenceA + c) * job.plane_size + x, sizeof a);
    std::memcpy(&b, job.planes + (GeneratorHead::kReferenceB + c) * job.plane_size + x, sizeof b);
    tanh_of(residual);
    V colour = a + share * (b - a) + residual;
    clamp_to_one(colour);
    std::memcpy(job.result + c * job.plane_size + x, &colour, sizeof colour);
  }
  std::memcpy(&painted, job.planes + GeneratorHead::kInnerLip * job.plane_size + x, sizeof painted);
  painted = painted * GeneratorHead::kInnerLipSlope;
  clamp_to_one(painted);
  blend = painted + (1.0F - painted) * blend;
  std::memcpy(job.result + 3 * job.plane_size + x, &blend, sizeof blend);
}

template <typename V>
VISEMA_INLINE void row_body(const RowJob& job) {
  std::int64_t x = 0;
  for (; x + kWidth<V> <= job.width; x += kWidth<V>) finish_pixels<V>(job, x);
  // Once more the last ones where the width is no multiple.
  if (x < job.width && job.width >= kWidth<V>) return finish_pixels<V>(job, job.width - kWidth<V>);
  for (; x < job.width; ++x) finish_pixels<One>(job, x);
}

VISEMA_VARIANTS(row, RowJob)

}  // namespace

void GeneratorHead::finish(const float* heads, const float* planes, std::int64_t height,
                           std::int64_t width, float* result) {
  constexpr int kChannels = kHeads * 4;
  std::vector<float> lines(static_cast<std::size_t>(kHeads * width));
  for (std::int64_t y = 0; y < height; ++y) {
    RowJob job{{}, planes + y * width, height * width, width, result + y * width};
    const float* from = heads + y / 2 * (width / 2) * kChannels + y % 2 * 2;
    for (int head = 0; head < kHeads; ++head) {
      float* line = &lines[static_cast<std::size_t>(head * width)];
      job.heads[head] = line;
      for (std::int64_t x = 0; x < width / 2; ++x)
        std::memcpy(line + 2 * x, from + x * kChannels + head * 4, 2 * sizeof(float));
    }
    row(job);
  }
}

}  // namespace visema
