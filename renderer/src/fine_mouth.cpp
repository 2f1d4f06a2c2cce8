#include "fine_mouth.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "visema/core/face_points.h"

namespace visema {
namespace {

constexpr float kMostScale = 4;      // times as fine as the crop
constexpr float kLeastScale = 1.1F;  // below there is nothing that the crop leaves out
constexpr float kMargin = 4;         // crop pixels around the lips
constexpr float kMostLevel = 40;

float scale_of(const FaceReference& reference) {
  return std::clamp(reference.pose.scale / kCropScale, kLeastScale, kMostScale);
}

PixelBox box_around_lips(const FacePoints& points, float scale) {
  float x0 = std::numeric_limits<float>::max(), y0 = x0, x1 = -x0, y1 = -x0;
  for (const auto index : kInnerLips) {
    x0 = std::min(x0, points[index].x), x1 = std::max(x1, points[index].x);
    y0 = std::min(y0, points[index].y), y1 = std::max(y1, points[index].y);
  }
  const auto pixel = [scale](float v) {
    return static_cast<int>(std::lround(scale * std::clamp<float>(v, 0, kCropSize)));
  };
  return {pixel(x0 - kMargin), pixel(y0 - kMargin), pixel(x1 + kMargin) + 1,
          pixel(y1 + kMargin) + 1};
}

FloatPicture fine_of(const FaceReference& reference, const Reference& crop) {
  const float scale = scale_of(reference);
  if (!(scale > kLeastScale)) return FloatPicture(crop.crop, {0, 0, 1, 1});  // never looked at
  const auto side = static_cast<int>(std::ceil(scale * kCropSize));
  return {extract_crop(reference.picture, crop_from_picture(reference.pose).scaled(scale), side),
          box_around_lips(crop.points, scale)};
}

}  // namespace

FineMouth::FineMouth(const FaceReference& reference, const Reference& crop, MouthInside inside)
    : inside_(std::move(inside)),
      scale_(scale_of(reference)),
      fine_(fine_of(reference, crop)),
      coarse_(crop.crop),
      places_(kCropPixels),
      aimed_(places_, kCropSize) {}

bool FineMouth::aim(const FacePoints& target, const HeadPose& target_pose,
                    std::span<const float> inner_lips, float most) {
  if (!(scale_ > kLeastScale)) return false;
  std::fill(places_.begin(), places_.end(), Vec4{});
  if (!inside_.places(target, target_pose, inner_lips, places_, most)) return false;
  aimed_ = FloatPicture(places_, kCropSize);
  return true;
}

Vec4 FineMouth::at(Point2 place) const {
  const Vec4 from = aimed_.bilinear(place);
  const float share = from[2];
  if (!(share > 0)) return Vec4{};
  Vec4 fine, coarse;
  const Point2 low{from[0], from[1]}, high{scale_ * low.x, scale_ * low.y};
  fine_.bicubic({&high, 1}, &fine);
  coarse_.bicubic({&low, 1}, &coarse);
  Vec4 detail{};
  for (int c = 0; c < 3; ++c)
    detail[c] = share * std::clamp(fine[c] - coarse[c], -kMostLevel, kMostLevel);
  return detail;
}

}  // namespace visema
