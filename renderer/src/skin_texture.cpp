#include "skin_texture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "simd_clones.h"
#include "visema/renderer/motion_field.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

constexpr int kSide = kCropSize;

/// Crop pixels from the lips, where their edge may still be the source's, and over which the own
/// texture sets in.
constexpr float kNearLips = 3;
constexpr float kSetIn = 5;
/// What is coarse: three means over 2 kCoarse + 1 crop pixels, about a Gaussian of sigma 3.5.
constexpr int kCoarse = 3;
constexpr int kMeans = 3;
/// Of the generator's change of hue this share is kept, of lips too: skin changes its brightness as
/// it moves.
constexpr float kHue = 0.5F;
/// Skin this many times as long as it was loses its texture, from and wholly.
constexpr float kStretched = 1.25F;
constexpr float kSmeared = 1.7F;
constexpr int kSoft = 4;           // crop pixels over which that changes
constexpr float kFewSkin = 0.02F;  // weight of the mean of all skin
constexpr float kLeastBlend = 0.05F;

/// Means over 2 r + 1 neighbours along rows, then columns; outside there is 0.
VISEMA_SIMD_CLONES void box_blur(float* v, float* scratch, int r) {
  const float scale = 1.0F / static_cast<float>(2 * r + 1);
  for (int y = 0; y < kSide; ++y) {
    const float* row = v + static_cast<std::ptrdiff_t>(y) * kSide;
    float sum = 0;
    for (int x = 0; x < r; ++x) sum += row[x];
    for (int x = 0; x < kSide; ++x) {
      if (x + r < kSide) sum += row[x + r];
      if (x > r) sum -= row[x - r - 1];
      scratch[y * kSide + x] = sum * scale;
    }
  }
  std::vector<float> sum(kSide);
  for (int y = 0; y < r; ++y)
    for (int x = 0; x < kSide; ++x) sum[x] += scratch[y * kSide + x];
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      if (y + r < kSide) sum[x] += scratch[(y + r) * kSide + x];
      if (y > r) sum[x] -= scratch[(y - r - 1) * kSide + x];
      v[y * kSide + x] = sum[x] * scale;
    }
}

/// Smaller singular value of the matrix (a b; c d): 1 over the greatest stretch of its inverse.
float least_scale(float a, float b, float c, float d) {
  const float plus = std::hypot(a + d, b - c), minus = std::hypot(a - d, b + c);
  return 0.5F * std::abs(plus - minus);
}

/// Where painted pixels are skin, 0..1.
std::vector<float> skin_of(std::span<const float> planes, std::span<const float> firm) {
  const float* mask = &planes[static_cast<std::size_t>(kMaskPlane) * kCropPixels];
  const float* outer = &planes[static_cast<std::size_t>(kOuterLipPlane) * kCropPixels];
  std::vector<float> skin(kCropPixels);
  for (int i = 0; i < kCropPixels; ++i)
    if (mask[i] > 0)
      skin[i] = firm[i] * std::clamp((-outer[i] * kContourReach - kNearLips) / kSetIn, 0.0F, 1.0F);
  return skin;
}

}  // namespace

std::vector<float> firm_skin(const FaceTriangles& triangles, const FacePoints& source,
                             const FacePoints& target) {
  const PixelBox window{0, 0, kSide, kSide};
  std::vector<Point2> from(kCropPixels);
  fill_identity(window, from);
  MotionField(triangles, source, target, MotionField::Surround::kNone).rasterise(window, from);
  std::vector<float> firm(kCropPixels, 1.0F), scratch(kCropPixels);
  for (int y = 1; y + 1 < kSide; ++y)
    for (int x = 1; x + 1 < kSide; ++x) {
      const Point2* p = &from[static_cast<std::size_t>(y) * kSide + x];
      const float stretch =
          1 / std::max(least_scale((p[1].x - p[-1].x) / 2, (p[kSide].x - p[-kSide].x) / 2,
                                   (p[1].y - p[-1].y) / 2, (p[kSide].y - p[-kSide].y) / 2),
                       0.1F);
      firm[static_cast<std::size_t>(y) * kSide + x] =
          std::clamp((kSmeared - stretch) / (kSmeared - kStretched), 0.0F, 1.0F);
    }
  box_blur(firm.data(), scratch.data(), kSoft);
  return firm;
}

void keep_texture(std::span<const float> planes, const Image& own, std::span<const float> firm,
                  std::span<float> result) {
  const std::vector<float> skin = skin_of(planes, firm);
  std::vector<float> texture(std::size_t{3} * kCropPixels), scratch(kCropPixels);
  picture_planes(own, texture);
  const auto rest = planes.subspan(static_cast<std::size_t>(kRestPlane) * kCropPixels);
  float* blend = &result[std::size_t{3} * kCropPixels];
  const auto made = [&](int at, int i) {
    return blend[i] * result[at] + (1 - blend[i]) * rest[at];
  };

  // What the paint changes, coarsely: the mean around, and the mean of all skin where there is
  // none.
  std::vector<float> weight = skin;
  const float all = std::accumulate(skin.begin(), skin.end(), 0.0F);
  if (!(all > 0)) return;
  for (int k = 0; k < kMeans; ++k) box_blur(weight.data(), scratch.data(), kCoarse);
  std::array<std::vector<float>, 3> coarse;
  for (int c = 0; c < 3; ++c) {
    std::vector<float>& change = coarse[c];
    change.resize(kCropPixels);
    for (int i = 0; i < kCropPixels; ++i)
      if (skin[i] > 0)
        change[i] = skin[i] * (made(c * kCropPixels + i, i) - texture[c * kCropPixels + i]);
    const float mean = std::accumulate(change.begin(), change.end(), 0.0F) / all;
    for (int k = 0; k < kMeans; ++k) box_blur(change.data(), scratch.data(), kCoarse);
    for (int i = 0; i < kCropPixels; ++i)
      change[i] = (change[i] + kFewSkin * mean) / (weight[i] + kFewSkin);
  }
  const float* mask = &planes[static_cast<std::size_t>(kMaskPlane) * kCropPixels];
  for (int i = 0; i < kCropPixels; ++i) {
    const float m = std::max(blend[i], skin[i]);
    if (!(mask[i] > 0) || m < kLeastBlend) continue;
    const std::array<float, 3> change = {coarse[0][i], coarse[1][i], coarse[2][i]};
    const float luma = 0.299F * change[0] + 0.587F * change[1] + 0.114F * change[2];
    for (int c = 0; c < 3; ++c) {
      const int at = c * kCropPixels + i;
      const float painted = made(at, i) - (1 - kHue) * (change[c] - luma);
      const float kept = texture[at] + luma + kHue * (change[c] - luma);
      const float whole = painted + skin[i] * (kept - painted);
      scratch[c] = std::clamp((whole - (1 - m) * rest[at]) / m, 0.0F, 1.0F);
    }
    for (int c = 0; c < 3; ++c) result[c * kCropPixels + i] = scratch[c];
    blend[i] = m;
  }
}

}  // namespace visema
