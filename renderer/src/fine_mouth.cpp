#include "fine_mouth.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "visema/core/face_points.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

constexpr float kMostScale = 4;      // times as fine as the crop
constexpr float kLeastScale = 1.1F;  // below there is nothing that the crop leaves out
constexpr float kMargin = 4;         // crop pixels around the lips
constexpr float kMostLevel = 40;
constexpr float kMostLipLevel = 14;
/// Crop pixels from the edges of the lips to where their own detail is kept.
constexpr float kLipEdge = 2;

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

MouthDetail::MouthDetail(FineMouth& mouth, FineMouth& wide, std::span<const float> planes,
                         std::span<const float> luma, const FacePoints& target,
                         const HeadPose& target_pose, float share) {
  if (!(share > 0)) return;
  const auto plane = [&](int index) {
    return planes.subspan(static_cast<std::size_t>(index) * kCropPixels, kCropPixels);
  };
  const auto inner = plane(kInnerLipPlane), outer = plane(kOuterLipPlane);
  std::vector<Vec4> facts(kCropPixels);
  for (int i = 0; i < kCropPixels; ++i) {
    const float depth = kContourReach * std::min(outer[i], -inner[i]);
    const float inside = kContourReach * inner[i] + kLipEdge;
    facts[i] = Vec4{share * std::clamp(depth / kLipEdge, 0.0F, 1.0F), luma[i],
                    share * std::clamp(inside, 0.0F, 1.0F), 0};
  }
  guide_.emplace(facts, kCropSize);
  const float of_wide = mouth.inside().share_of(wide.inside(), target);
  if (mouth.aim(target, target_pose, inner, 1 - of_wide)) insides_[0] = &mouth;
  if (of_wide > 0 && wide.aim(target, target_pose, inner, of_wide)) insides_[1] = &wide;
}

Vec4 MouthDetail::at(Point2 place, Vec4 reference) const {
  if (!guide_) return Vec4{};
  const Vec4 facts = guide_->bilinear(place);
  const float luma = 0.299F * reference[0] + 0.587F * reference[1] + 0.114F * reference[2];
  Vec4 detail = broadcast(
      facts[0] * std::clamp(luma - static_cast<float>(facts[1]), -kMostLipLevel, kMostLipLevel));
  for (const FineMouth* inside : insides_)
    if (inside != nullptr && facts[2] > 0) detail += broadcast(facts[2]) * inside->at(place);
  return detail;
}

}  // namespace visema
