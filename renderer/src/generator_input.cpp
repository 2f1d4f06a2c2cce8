#include "visema/renderer/generator_input.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "float_picture.h"
#include "visema/renderer/motion_field.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

constexpr PixelBox kCropBox = {0, 0, kCropSize, kCropSize};
constexpr float kUnit = 1.0F / 255;
/// Crop pixels that the lips of the closed reference part, from which its inside gives way, and
/// wholly; and from its lips to where it has given way.
constexpr float kParted = 3;
constexpr float kOpen = 6;
constexpr float kEdge = 2;

std::span<float> plane(std::span<float> planes, int index) {
  return planes.subspan(static_cast<std::size_t>(index) * kCropPixels, kCropPixels);
}

void scale_plane(std::span<float> values, float factor) {
  for (float& v : values) v *= factor;
}

/// A reference's crop, moved so that its points lie on the target's.
void warp_reference(const Reference& reference, const FacePoints& target,
                    const FaceTriangles& triangles, std::vector<Point2>& map,
                    std::span<float> planes) {
  fill_identity(kCropBox, map);
  MotionField(triangles, reference.points, target).rasterise(kCropBox, map);
  const FloatPicture source(reference.crop);
  std::array<Vec4, kCropSize> row;
  for (int y = 0; y < kCropSize; ++y) {
    source.bicubic(std::span(map).subspan(y * kCropSize, kCropSize), row.data());
    for (int c = 0; c < 3; ++c) {
      float* to = &planes[c * kCropPixels + y * kCropSize];
      for (int x = 0; x < kCropSize; ++x) to[x] = std::clamp(row[x][c] * kUnit, 0.0F, 1.0F);
    }
  }
}

/// Between lips that are to be closed and are not there are teeth, which would be stretched over
/// every wider mouth: there the open reference's are shown in both.
void share_inside(float gap, std::span<const float> inner_lips, std::span<const float> open,
                  std::span<float> rest) {
  const float most = std::clamp((gap - kParted) / (kOpen - kParted), 0.0F, 1.0F);
  if (!(most > 0)) return;
  for (int i = 0; i < kCropPixels; ++i) {
    const float share = most * std::clamp(inner_lips[i] * kContourReach / kEdge, 0.0F, 1.0F);
    for (int c = 0; c < 3 && share > 0; ++c) {
      float& v = rest[c * kCropPixels + i];
      v += share * (open[c * kCropPixels + i] - v);
    }
  }
}

}  // namespace

void build_generator_input(const Image& base_crop, const FacePoints& target, const Reference& rest,
                           const Reference& open, const FaceTriangles& triangles,
                           std::span<float> planes) {
  assert(base_crop.width == kCropSize && base_crop.height == kCropSize);
  assert(rest.crop.width == kCropSize && open.crop.width == kCropSize);
  assert(planes.size() == static_cast<std::size_t>(kGeneratorInputSize));

  face_oval_distance(target, plane(planes, kFaceOvalPlane));
  mouth_mask(target, plane(planes, kFaceOvalPlane), plane(planes, kMaskPlane));
  inner_lip_distance(target, plane(planes, kInnerLipPlane));
  outer_lip_distance(target, plane(planes, kOuterLipPlane));
  for (const int i : {kInnerLipPlane, kOuterLipPlane, kFaceOvalPlane})
    scale_plane(plane(planes, i), 1 / kContourReach);

  const std::span<const float> mask = plane(planes, kMaskPlane);
  for (int i = 0; i < kCropPixels; ++i) {
    const float keep = mask[i] > 0 ? 0 : kUnit;
    for (int c = 0; c < 3; ++c)
      planes[(kBasePlane + c) * kCropPixels + i] =
          keep * static_cast<float>(base_crop.rgb[static_cast<std::size_t>(i) * 3 + c]);
  }

  std::vector<Point2> map(kCropPixels);
  const auto rest_planes = planes.subspan(kRestPlane * kCropPixels, 3 * kCropPixels);
  const auto open_planes = planes.subspan(kOpenPlane * kCropPixels, 3 * kCropPixels);
  warp_reference(rest, target, triangles, map, rest_planes);
  if (&rest == &open) {
    std::copy(rest_planes.begin(), rest_planes.end(), open_planes.begin());
  } else {
    warp_reference(open, target, triangles, map, open_planes);
    share_inside(mean_lip_gap(rest.points), plane(planes, kInnerLipPlane), open_planes,
                 rest_planes);
  }
}

void picture_planes(const Image& crop, std::span<float> planes) {
  assert(crop.rgb.size() == planes.size());
  const std::size_t area = planes.size() / 3;
  for (std::size_t i = 0; i < area; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      planes[c * area + i] = static_cast<float>(crop.rgb[i * 3 + c]) * kUnit;
}

}  // namespace visema
