#include "fine_detail.h"

#include <algorithm>
#include <cmath>

#include "simd_clones.h"

namespace visema {
namespace {

constexpr float kMostOnSkin = 2;  // times the detail that is there, to add
constexpr float kOnLips = 0.6F;
constexpr float kInside = 0.3F;
constexpr int kReach = 8;            // crop pixels to either side, of the strength's mean
constexpr float kLeastPower = 0.1F;  // squared luma levels: below is no detail

constexpr int kSide = kCropSize;

/// v - (1 4 6 4 1) / 16 of v in both directions; 0 in a border of two pixels.
VISEMA_SIMD_CLONES void finest_octave(const float* v, float* across, float* out) {
  for (int i = 2; i + 2 < kSide * kSide; ++i)
    across[i] = (v[i - 2] + v[i + 2] + 4 * (v[i - 1] + v[i + 1]) + 6 * v[i]) / 16;
  for (int y = 2; y + 2 < kSide; ++y)
    for (int x = 2; x + 2 < kSide; ++x) {
      const float* a = across + static_cast<std::ptrdiff_t>(y) * kSide + x;
      out[y * kSide + x] =
          v[y * kSide + x] -
          (a[-2 * kSide] + a[2 * kSide] + 4 * (a[-kSide] + a[kSide]) + 6 * a[0]) / 16;
    }
}

/// Sums over 2 kReach + 1 neighbours down the columns, then along the rows; the border repeats 0.
VISEMA_SIMD_CLONES void local_sums(const float* in, float* down, float* out) {
  std::vector<float> sum(kSide);
  for (int y = 0; y < kReach; ++y)
    for (int x = 0; x < kSide; ++x) sum[x] += in[y * kSide + x];
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      if (y + kReach < kSide) sum[x] += in[(y + kReach) * kSide + x];
      if (y > kReach) sum[x] -= in[(y - kReach - 1) * kSide + x];
      down[y * kSide + x] = sum[x];
    }
  for (int y = 0; y < kSide; ++y) {
    const float* row = down + static_cast<std::ptrdiff_t>(y) * kSide;
    float along = 0;
    for (int x = 0; x < kReach; ++x) along += row[x];
    for (int x = 0; x < kSide; ++x) {
      if (x + kReach < kSide) along += row[x + kReach];
      if (x > kReach) along -= row[x - kReach - 1];
      out[y * kSide + x] = along;
    }
  }
}

struct Octave {
  std::vector<float> detail = std::vector<float>(kCropPixels);
  std::vector<float> power = std::vector<float>(kCropPixels);  // local sums of its squares

  explicit Octave(std::span<const float> luma) {
    std::vector<float> scratch(kCropPixels), squares(kCropPixels);
    finest_octave(luma.data(), scratch.data(), detail.data());
    for (int i = 0; i < kCropPixels; ++i) squares[i] = detail[i] * detail[i];
    local_sums(squares.data(), scratch.data(), power.data());
  }
};

}  // namespace

std::vector<float> missing_detail(std::span<const float> made, std::span<const float> like,
                                  std::span<const float> planes) {
  constexpr float kLeast = kLeastPower * (2 * kReach + 1) * (2 * kReach + 1);
  const Octave have(made), want(like);
  const float* mask = &planes[static_cast<std::size_t>(kMaskPlane) * kCropPixels];
  const float* outer = &planes[static_cast<std::size_t>(kOuterLipPlane) * kCropPixels];
  const float* inner = &planes[static_cast<std::size_t>(kInnerLipPlane) * kCropPixels];
  std::vector<float> missing(kCropPixels);
  for (int i = 0; i < kCropPixels; ++i) {
    if (!(mask[i] > 0)) continue;
    const float skin = std::clamp(-3 * outer[i], 0.0F, 1.0F);
    const float inside = std::clamp(4 * inner[i], 0.0F, 1.0F);
    const float lips = std::max(0.0F, 1 - skin - inside);
    const float ratio = std::sqrt((std::max(want.power[i], 0.0F) + kLeast) /
                                  (std::max(have.power[i], 0.0F) + kLeast));
    missing[i] = have.detail[i] * (skin * std::clamp(ratio - 1, 0.0F, kMostOnSkin) +
                                   lips * kOnLips + inside * kInside);
  }
  return missing;
}

}  // namespace visema
