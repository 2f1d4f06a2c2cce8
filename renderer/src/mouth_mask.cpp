#include "visema/renderer/mouth_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "simd_clones.h"
#include "visema/core/face_points.h"
#include "visema/renderer/face_crop.h"

namespace visema {
namespace {

constexpr float kFarAway = 1e5F;

/// Lowers out[0..count) to the squared distance of (x + 0.5, y) to a segment.
VISEMA_SIMD_CLONES void lower_to_segment(float* out, int first, int count, float y, Point2 a,
                                         Point2 b) {
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float inverse = 1 / std::max(dx * dx + dy * dy, 1e-12F);
  const float py = y - a.y;
  const float offset = static_cast<float>(first) + 0.5F - a.x;
  for (int i = 0; i < count; ++i) {
    const float px = offset + static_cast<float>(i);
    float t = (px * dx + py * dy) * inverse;
    t = t > 0 ? t : 0;
    t = t < 1 ? t : 1;
    const float ex = px - t * dx, ey = py - t * dy;
    const float d = ex * ex + ey * ey;
    out[i] = d < out[i] ? d : out[i];
  }
}

VISEMA_SIMD_CLONES void finish(const float* inside, float* out, int count) {
  for (int i = 0; i < count; ++i) {
    const float d = std::sqrt(out[i]);
    out[i] = inside[i] > 0 ? d : -d;
  }
}

/// Adds the winding number of one edge to a row buffer of steps; edges that run up count +1, so
/// that a clockwise contour winds +1 around its inside.
void add_crossings(std::span<const Point2> contour, int size, std::vector<float>& steps) {
  for (std::size_t i = 0; i < contour.size(); ++i) {
    Point2 a = contour[i], b = contour[(i + 1) % contour.size()];
    const float sign = a.y > b.y ? 1.0F : -1.0F;
    if (a.y > b.y) std::swap(a, b);
    const int begin = std::max(0, static_cast<int>(std::ceil(a.y - 0.5F)));
    const int end = std::min(size, static_cast<int>(std::ceil(b.y - 0.5F)));
    for (int y = begin; y < end; ++y) {
      const float t = (static_cast<float>(y) + 0.5F - a.y) / (b.y - a.y);
      const float x = a.x + t * (b.x - a.x);
      const int column =
          static_cast<int>(std::ceil(std::clamp(x - 0.5F, 0.0F, static_cast<float>(size))));
      if (column < size) steps[static_cast<std::size_t>(y) * size + column] += sign;
    }
  }
}

template <std::size_t N>
void contour_of(const FacePoints& points, const std::array<std::uint16_t, N>& indices,
                std::span<float> out) {
  std::array<Point2, N> contour;
  for (std::size_t i = 0; i < N; ++i) contour[i] = points[indices[i]];
  contour_distance(contour, kCropSize, kContourReach, out);
}

/// A corner of the mask: between two mesh points.
struct Corner {
  std::uint16_t from, to;
  float part;
};
/// Under the nose, along the cheek and the jaw of one side to the chin, up the other side.
constexpr std::array<Corner, 25> kMaskCorners = {{
    {2, 164, 0.4F},    {327, 391, 0.5F},  {423, 426, 0.5F},  {425, 427, 0.5F},  {411, 427, 0.1F},
    {433, 435, 0.1F},  {435, 288, 0.2F},  {367, 397, 0.3F},  {364, 365, 0.35F}, {394, 379, 0.35F},
    {395, 378, 0.35F}, {369, 400, 0.35F}, {396, 377, 0.35F}, {171, 148, 0.35F}, {140, 176, 0.35F},
    {170, 149, 0.35F}, {169, 150, 0.35F}, {135, 136, 0.35F}, {138, 172, 0.3F},  {215, 58, 0.2F},
    {213, 215, 0.1F},  {187, 207, 0.1F},  {205, 207, 0.5F},  {203, 206, 0.5F},  {98, 165, 0.5F},
}};

}  // namespace

void contour_distance(std::span<const Point2> contour, int size, float reach,
                      std::span<float> out) {
  std::vector<Point2> points;
  points.reserve(contour.size());
  for (const Point2 p : contour)
    if (std::abs(p.x) < kFarAway && std::abs(p.y) < kFarAway) points.push_back(p);
  std::fill(out.begin(), out.end(), reach * reach);
  std::vector<float> inside(out.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point2 a = points[i], b = points[(i + 1) % points.size()];
    const auto pixel = [&](float v) {
      return static_cast<int>(std::clamp(v, 0.0F, static_cast<float>(size)));
    };
    const int x0 = pixel(std::min(a.x, b.x) - reach), x1 = pixel(std::max(a.x, b.x) + reach + 1);
    const int y0 = pixel(std::min(a.y, b.y) - reach), y1 = pixel(std::max(a.y, b.y) + reach + 1);
    for (int y = y0; y < y1; ++y)
      lower_to_segment(&out[static_cast<std::size_t>(y) * size + x0], x0, x1 - x0,
                       static_cast<float>(y) + 0.5F, a, b);
  }
  add_crossings(points, size, inside);
  for (int y = 0; y < size; ++y) {
    float* row = &inside[static_cast<std::size_t>(y) * size];
    for (int x = 1; x < size; ++x) row[x] += row[x - 1];
  }
  finish(inside.data(), out.data(), static_cast<int>(out.size()));
}

void inner_lip_distance(const FacePoints& crop_points, std::span<float> out) {
  contour_of(crop_points, kInnerLips, out);
}

void outer_lip_distance(const FacePoints& crop_points, std::span<float> out) {
  contour_of(crop_points, kOuterLips, out);
}

float mean_lip_gap(const FacePoints& crop_points) {
  constexpr int kCount = static_cast<int>(kInnerLips.size());
  constexpr int kCorner = kCount / 2;  // the other corner is 0
  constexpr int kNearCorners = 3;
  float sum = 0;
  for (int i = kNearCorners; i <= kCorner - kNearCorners; ++i)
    sum += crop_points[kInnerLips[kCount - i]].y - crop_points[kInnerLips[i]].y;
  return sum / (kCorner - 2 * kNearCorners + 1);
}

void face_oval_distance(const FacePoints& crop_points, std::span<float> out) {
  contour_of(crop_points, kFaceOval, out);
}

void mouth_mask(const FacePoints& crop_points, std::span<const float> oval_distance,
                std::span<float> mask) {
  std::array<Point2, kMaskCorners.size()> contour;
  for (std::size_t i = 0; i < contour.size(); ++i) {
    const Corner& corner = kMaskCorners[i];
    const Point2 a = crop_points[corner.from], b = crop_points[corner.to];
    contour[i] = {a.x + corner.part * (b.x - a.x), a.y + corner.part * (b.y - a.y)};
  }
  contour_distance(contour, kCropSize, kMaskFeather, mask);
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * kCropSize + x;
      const int border = std::min({x, y, kCropSize - 1 - x, kCropSize - 1 - y});
      const float d = std::min({mask[i], oval_distance[i] - 1, static_cast<float>(border - 1)});
      const float t = std::clamp(d / kMaskFeather, 0.0F, 1.0F);
      mask[i] = t * t * (3 - 2 * t);
    }
}

}  // namespace visema
