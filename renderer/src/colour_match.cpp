#include "colour_match.h"

#include "visema/renderer/generator_input.h"

namespace visema {
namespace {

constexpr float kMostDifference = 0.16F;  // a pixel that differs more is no skin on one side
constexpr float kMostCorrection = 30;     // of 255
/// Keeps slopes small where the edge is short: variance, px^2, that counts as flat.
constexpr float kFlatness = 200;
constexpr float kLeastWeight = 40;

}  // namespace

Vec4 ColourMatch::clip(Vec4 v) {
  for (int c = 0; c < 4; ++c) v[c] = std::clamp(v[c], -kMostCorrection, kMostCorrection);
  return v;
}

ColourMatch::ColourMatch(std::span<const float> mask, std::span<const float> painted,
                         std::span<const float> base) {
  float weight = 0, xx = 0, xy = 0, yy = 0;
  Vec4 sum{}, sum_x{}, sum_y{};
  const Point2 middle = {kCropSize / 2.0F, kCropSize / 2.0F};
  Point2 first;
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x) {
      const int i = y * kCropSize + x;
      if (mask[i] <= 0.02F || mask[i] >= 0.98F) continue;
      Vec4 difference{};
      float worst = 0;
      for (int c = 0; c < 3; ++c) {
        const float d = base[c * kCropPixels + i] - painted[c * kCropPixels + i];
        difference[c] = d * 255;
        worst = std::max(worst, std::abs(d));
      }
      if (!(worst < kMostDifference)) continue;
      // Falls off smoothly towards the bound, so that no pixel switches on or off between frames.
      const float ratio = worst / kMostDifference;
      const float w = (1 - ratio * ratio) * (1 - ratio * ratio);
      const float dx = static_cast<float>(x) + 0.5F - middle.x;
      const float dy = static_cast<float>(y) + 0.5F - middle.y;
      weight += w;
      first = {first.x + w * dx, first.y + w * dy};
      xx += w * dx * dx;
      xy += w * dx * dy;
      yy += w * dy * dy;
      sum += broadcast(w) * difference;
      sum_x += broadcast(w * dx) * difference;
      sum_y += broadcast(w * dy) * difference;
    }
  weight += kLeastWeight;
  const Point2 mean = {first.x / weight, first.y / weight};
  mean_ = sum * broadcast(1 / weight);
  centre_ = {middle.x + mean.x, middle.y + mean.y};
  xx += weight * (kFlatness - mean.x * mean.x);
  xy -= weight * mean.x * mean.y;
  yy += weight * (kFlatness - mean.y * mean.y);
  const Vec4 bx = sum_x - mean_ * broadcast(weight * mean.x);
  const Vec4 by = sum_y - mean_ * broadcast(weight * mean.y);
  const float inverse = 1 / (xx * yy - xy * xy);
  slope_x_ = (bx * broadcast(yy) - by * broadcast(xy)) * broadcast(inverse);
  slope_y_ = (by * broadcast(xx) - bx * broadcast(xy)) * broadcast(inverse);
}

}  // namespace visema
