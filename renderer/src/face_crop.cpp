#include "visema/renderer/face_crop.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "float_picture.h"

namespace visema {
namespace {

/// Canonical point in the middle of the crop: under the mouth, so that an open jaw fits.
constexpr Point3 kCropCentre = {0.0F, 0.88F, 0.1F};

Point2 project(const HeadPose& pose, Point3 c) {
  const auto& r = pose.rotation;
  return {pose.scale * (r[0] * c.x + r[1] * c.y + r[2] * c.z) + pose.translation.x,
          pose.scale * (r[3] * c.x + r[4] * c.y + r[5] * c.z) + pose.translation.y};
}

constexpr Point3 kMouthCentre = {0.0F, 0.86F, 0.1F};

/// Picture to a square crop around a canonical point, upright by the head's roll.
Similarity2 upright_crop(const HeadPose& pose, Point3 middle, float pixels_per_unit, int size) {
  const float roll = std::atan2(pose.rotation[3], pose.rotation[0]);
  const float scale = pixels_per_unit / pose.scale;
  Similarity2 map;
  map.a = scale * std::cos(roll);
  map.b = -scale * std::sin(roll);
  const Point2 moved = map.apply(project(pose, middle));
  map.tx = static_cast<float>(size) / 2.0F - moved.x;
  map.ty = static_cast<float>(size) / 2.0F - moved.y;
  return map;
}

/// Pixels of the picture that a crop can read.
PixelBox reach_of(const Similarity2& picture_from_crop, int size, const Image& picture) {
  const float side = static_cast<float>(size);
  Point2 low{1e9F, 1e9F}, high{-1e9F, -1e9F};
  for (const Point2 corner : {Point2{0, 0}, Point2{side, 0}, Point2{0, side}, Point2{side, side}}) {
    const Point2 p = picture_from_crop.apply(corner);
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  // At least one pixel, so that a crop beside the picture repeats its border.
  const auto begin = [](float v, int limit) {
    return static_cast<int>(std::clamp(v - 4, 0.0F, static_cast<float>(limit - 1)));
  };
  const auto end = [](float v, int limit) {
    return static_cast<int>(std::clamp(v + 5, 1.0F, static_cast<float>(limit)));
  };
  return {begin(low.x, picture.width), begin(low.y, picture.height), end(high.x, picture.width),
          end(high.y, picture.height)};
}

}  // namespace

Similarity2 Similarity2::inverse() const {
  const float d = a * a + b * b;
  return {a / d, -b / d, -(a * tx + b * ty) / d, (b * tx - a * ty) / d};
}

float Similarity2::scale() const {
  return std::hypot(a, b);
}

Similarity2 crop_from_picture(const HeadPose& pose) {
  return upright_crop(pose, kCropCentre, kCropScale, kCropSize);
}

Similarity2 mouth_from_picture(const HeadPose& pose) {
  return upright_crop(pose, kMouthCentre, kMouthScale, kMouthSize);
}

std::vector<std::uint8_t> extract_mouth(const Image& picture, const HeadPose& pose) {
  const Image crop = extract_crop(picture, mouth_from_picture(pose), kMouthSize);
  std::vector<std::uint8_t> luma(crop.rgb.size() / 3);
  for (std::size_t i = 0; i < luma.size(); ++i) {
    const std::uint8_t* p = &crop.rgb[i * 3];
    luma[i] = static_cast<std::uint8_t>((77 * p[0] + 150 * p[1] + 29 * p[2] + 128) >> 8);
  }
  return luma;
}

Image extract_crop(const Image& picture, const Similarity2& crop_from_picture, int size) {
  Image crop(size, size);
  if (picture.empty()) return crop;
  const Similarity2 back = crop_from_picture.inverse();
  const FloatPicture source(picture, reach_of(back, size, picture));
  // When the picture shrinks, each crop pixel is the mean of a grid of samples.
  const float shrink = back.scale();
  const int grid = shrink < 8 ? std::max(1, static_cast<int>(std::lround(shrink))) : 8;
  const int samples = grid * size;  // a row
  const float step = 1.0F / static_cast<float>(grid);
  const Vec4 share = broadcast(step * step);
  std::vector<Point2> positions(static_cast<std::size_t>(samples));
  std::vector<Vec4> colours(static_cast<std::size_t>(samples)),
      sums(static_cast<std::size_t>(size));
  for (int y = 0; y < size; ++y) {
    std::fill(sums.begin(), sums.end(), Vec4{});
    for (int j = 0; j < grid; ++j) {
      const float cy = static_cast<float>(y) + (static_cast<float>(j) + 0.5F) * step;
      for (int x = 0; x < samples; ++x)
        positions[x] = back.apply({(static_cast<float>(x) + 0.5F) * step, cy});
      source.bicubic(positions, colours.data());
      for (int x = 0; x < size; ++x)
        for (int i = 0; i < grid; ++i) sums[x] += colours[x * grid + i];
    }
    for (int x = 0; x < size; ++x) store(sums[x] * share, crop.at(x, y));
  }
  return crop;
}

FacePoints map_points(const FaceMesh& mesh, const Similarity2& map) {
  FacePoints points;
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = map.apply({mesh[i].x, mesh[i].y});
  return points;
}

}  // namespace visema
