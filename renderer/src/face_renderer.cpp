#include "visema/renderer/face_renderer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "colour_match.h"
#include "fine_detail.h"
#include "fine_mouth.h"
#include "float_picture.h"
#include "mouth_inside.h"
#include "skin_texture.h"
#include "visema/core/error.h"
#include "visema/renderer/generator_input.h"
#include "visema/renderer/motion_field.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

/// The reference's own detail is kept up to this many pixels for the crop's side.
constexpr int kMostDetail = 768;
constexpr int kLeastDetail = 48;
/// Share of the reference's fine detail (pores, stubble) that painted skin gets where the frame is
/// finer than the generator's picture, and its bound.
constexpr float kDetailShare = 0.7F;
constexpr float kMostDetailLevel = 14;

constexpr float kLeastAlpha = 1.0F / 1024;
constexpr std::size_t kResultPlanes = 4;

/// A reference at its own resolution, rectified; positions are in crop pixels times `scale`.
struct DetailedReference {
  float scale;
  FacePoints points;
  FloatPicture picture;

  explicit DetailedReference(const FaceReference& reference)
      : scale(scale_of(reference)),
        points(map_points(reference.mesh, crop_from_picture(reference.pose).scaled(scale))),
        picture(extract_crop(reference.picture, crop_from_picture(reference.pose).scaled(scale),
                             size_of(scale))) {}

  static int size_of(float scale) { return static_cast<int>(std::lround(scale * kCropSize)); }
  static float scale_of(const FaceReference& reference) {
    const float side =
        std::clamp(reference.pose.scale / kCropScale * kCropSize, static_cast<float>(kLeastDetail),
                   static_cast<float>(kMostDetail));
    return std::round(side) / kCropSize;
  }
};

bool same(const FaceReference& a, const FaceReference& b) {
  const auto same_point = [](const Point3& p, const Point3& q) { return p.x == q.x && p.y == q.y; };
  return a.picture.width == b.picture.width && a.picture.rgb == b.picture.rgb &&
         std::equal(a.mesh.begin(), a.mesh.end(), b.mesh.begin(), same_point);
}

bool usable(const HeadPose& pose) {
  const auto& t = pose.translation;
  return std::isfinite(pose.scale) && pose.scale > 0.5F && std::abs(t.x) < 1e5F &&
         std::abs(t.y) < 1e5F && std::isfinite(pose.rotation[0] + pose.rotation[3]);
}

FacePoints flat(const FaceMesh& mesh) {
  return map_points(mesh, {});
}

FacePoints moved(FacePoints points, const Similarity2& map) {
  for (Point2& p : points) p = map.apply(p);
  return points;
}

/// Pixels of the frame under the part of the crop where the mask is not 0.
PixelBox box_of(std::span<const float> mask, const Similarity2& frame_from_crop,
                const Image& frame) {
  int x0 = kCropSize, y0 = kCropSize, x1 = 0, y1 = 0;
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x)
      if (mask[y * kCropSize + x] > 0) {
        x0 = std::min(x0, x);
        x1 = std::max(x1, x + 1);
        y0 = std::min(y0, y);
        y1 = y + 1;
      }
  if (x0 >= x1) return {};
  float left = 1e9F, top = 1e9F, right = -1e9F, bottom = -1e9F;
  for (const int x : {x0, x1})
    for (const int y : {y0, y1}) {
      const Point2 p = frame_from_crop.apply({static_cast<float>(x), static_cast<float>(y)});
      left = std::min(left, p.x);
      right = std::max(right, p.x);
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
  const auto pixel = [](float v) { return static_cast<int>(std::clamp(v, -1e6F, 1e6F)); };
  return PixelBox{pixel(left) - 1, pixel(top) - 1, pixel(right) + 2, pixel(bottom) + 2}.intersect(
      {0, 0, frame.width, frame.height});
}

}  // namespace

Reference rectify(const FaceReference& reference) {
  const Similarity2 map = crop_from_picture(reference.pose);
  return {extract_crop(reference.picture, map, kCropSize), map_points(reference.mesh, map)};
}

struct FaceRenderer::State {
  FaceTriangles triangles;
  DetailedReference detail;
  Reference rest;
  Reference open;
  FineMouth mouth;
  FineMouth wide_mouth;
  bool one_reference;
  Generator generator;
  std::vector<float> planes = std::vector<float>(kGeneratorInputSize);
  std::vector<float> result = std::vector<float>(kResultPlanes * kCropPixels);
  std::vector<float> scratch = std::vector<float>(kResultPlanes * kCropPixels);

  State(std::span<const FaceTriangles::Triangle> mesh, const FaceReference& rest_picture,
        const FaceReference& open_picture, const FaceReference& wide_picture, Generator network)
      : triangles(mesh),
        detail(rest_picture),
        rest(rectify(rest_picture)),
        open(rectify(open_picture)),
        mouth(open_picture, open, MouthInside(open, open_picture.pose)),
        wide_mouth(mouth_of(wide_picture)),
        one_reference(same(rest_picture, open_picture)),
        generator(std::move(network)) {}

  static FineMouth mouth_of(const FaceReference& picture) {
    const Reference crop = rectify(picture);
    return {picture, crop, MouthInside(crop, picture.pose)};
  }

  std::span<const float> plane(int first, int count) const {
    return std::span(planes).subspan(static_cast<std::size_t>(first) * kCropPixels,
                                     static_cast<std::size_t>(count) * kCropPixels);
  }

  void paint_inside(const FacePoints& target, const HeadPose& pose) {
    const auto lips = plane(kInnerLipPlane, 1);
    const MouthInside::Light light = MouthInside::light(planes, result);
    const MouthInside &inside = mouth.inside(), &wide_inside = wide_mouth.inside();
    inside.darken_unknown(target, lips, light, result);
    inside.paint(target, pose, lips, light, result);
    wide_inside.paint(target, pose, lips, wide_inside.light_like(inside, light), result,
                      inside.share_of(wide_inside, target));
  }
  Image uncovered(const Image& base, std::span<const float> hidden) const;
  ColourMatch match(const Image& base, std::span<const float> hidden);
  void composite(Image& picture, const Image& base, std::span<const float> hidden,
                 const FacePoints& target, const HeadPose& pose,
                 const Similarity2& crop_from_frame);
};

FaceRenderer::FaceRenderer(std::span<const FaceTriangles::Triangle> triangles,
                           const FaceReference& rest, const FaceReference& open,
                           const FaceReference& wide, Generator generator) {
  for (const FaceReference* reference : {&rest, &open, &wide})
    if (reference->picture.empty() || !usable(reference->pose))
      throw Error(ErrorCode::kInput, "face renderer: a reference has no picture or no head pose");
  state_ = std::make_unique<State>(triangles, rest, open, wide, std::move(generator));
}

FaceRenderer::~FaceRenderer() = default;
FaceRenderer::FaceRenderer(FaceRenderer&&) noexcept = default;
FaceRenderer& FaceRenderer::operator=(FaceRenderer&&) noexcept = default;

Image FaceRenderer::render(const Image& frame, const FaceMesh& source, const FaceMesh& target,
                           const HeadPose& target_pose, const Covered* covered) {
  State& s = *state_;
  if (frame.empty() || !usable(target_pose)) return frame;
  Image picture = warp(frame, MotionField(s.triangles, flat(source), flat(target)));
  const Similarity2 crop_from_frame = crop_from_picture(target_pose);
  const Image base = extract_crop(picture, crop_from_frame, kCropSize);
  const FacePoints points = map_points(target, crop_from_frame);
  build_generator_input(base, points, s.rest, s.one_reference ? s.rest : s.open, s.triangles,
                        s.planes);
  s.generator(s.planes, s.result);
  for (float& v : s.result) v = v > 0 ? std::min(v, 1.0F) : 0;  // not finite becomes 0
  const std::vector<float> hidden =
      covered ? covered->atlas.on_crop(covered->mask, points) : std::vector<float>();
  keep_texture(s.planes, covered ? s.uncovered(base, hidden) : base,
               firm_skin(s.triangles, map_points(source, crop_from_frame), points), s.result);
  s.paint_inside(points, target_pose);
  s.composite(picture, base, hidden, flat(target), target_pose, crop_from_frame);
  if (covered) covered->atlas.put_back(frame, covered->mask, source, picture);
  return picture;
}

Image FaceRenderer::move(const Image& layer, const FaceMesh& source, const FaceMesh& target) const {
  return warp(layer, MotionField(state_->triangles, flat(source), flat(target)));
}

/// The frame's crop with what was painted in place of what is before the face, whose texture is not
/// the skin's.
Image FaceRenderer::State::uncovered(const Image& base, std::span<const float> hidden) const {
  const auto rest_planes = plane(kRestPlane, 3);
  Image bare = base;
  for (int i = 0; i < kCropPixels; ++i) {
    const float m = result[3 * kCropPixels + i];
    for (int c = 0; c < 3 && hidden[i] > 0; ++c) {
      const int at = c * kCropPixels + i;
      std::uint8_t& v = bare.rgb[static_cast<std::size_t>(i) * 3 + c];
      const float painted = 255 * (m * result[at] + (1 - m) * rest_planes[at]);
      v = to_byte(static_cast<float>(v) + hidden[i] * (painted - static_cast<float>(v)));
    }
  }
  return bare;
}

/// `hidden`: share of each crop pixel that is behind something, whose colours say nothing; or
/// empty.
ColourMatch FaceRenderer::State::match(const Image& base, std::span<const float> hidden) {
  const auto rest_planes = plane(kRestPlane, 3);
  std::vector<float> base_planes(3 * kCropPixels);
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < kCropPixels; ++i) {
      const float m = result[3 * kCropPixels + i];
      const int at = c * kCropPixels + i;
      scratch[at] = m * result[at] + (1 - m) * rest_planes[at];
      base_planes[at] = static_cast<float>(base.rgb[static_cast<std::size_t>(i) * 3 + c]) / 255;
    }
  if (hidden.empty()) return ColourMatch(plane(kMaskPlane, 1), scratch, base_planes);
  std::vector<float> bare(plane(kMaskPlane, 1).begin(), plane(kMaskPlane, 1).end());
  for (int i = 0; i < kCropPixels; ++i)
    if (hidden[i] > 0) bare[i] = 0;  // of no weight
  return ColourMatch(bare, scratch, base_planes);
}

void FaceRenderer::State::composite(Image& picture, const Image& base,
                                    std::span<const float> hidden, const FacePoints& target,
                                    const HeadPose& pose, const Similarity2& crop_from_frame) {
  const PixelBox box = box_of(plane(kMaskPlane, 1), crop_from_frame.inverse(), picture);
  if (box.empty()) return;
  const ColourMatch correction = match(base, hidden);

  for (int i = 0; i < 3 * kCropPixels; ++i) result[i] *= 255;
  const FloatPicture painted(result, kCropSize);
  // Mask, where detail may be added (skin, not the mouth), the lower resolution's luminance, and
  // the detail that the generator left out.
  const auto mask = plane(kMaskPlane, 1);
  const auto lips = plane(kOuterLipPlane, 1);
  const auto rest_planes = plane(kRestPlane, 3);
  const float finer = 1 / crop_from_frame.scale();
  const float share = kDetailShare * std::clamp((finer - 1.1F) / 0.5F, 0.0F, 1.0F);
  std::vector<float> made(kCropPixels), own_luma(kCropPixels);
  for (int i = 0; i < kCropPixels; ++i) {
    scratch[i] = mask[i];
    scratch[kCropPixels + i] = share * std::clamp(-4 * lips[i], 0.0F, 1.0F);
    scratch[2 * kCropPixels + i] =
        255 * (0.299F * rest_planes[i] + 0.587F * rest_planes[kCropPixels + i] +
               0.114F * rest_planes[2 * kCropPixels + i]);
    const std::uint8_t* own = &base.rgb[static_cast<std::size_t>(i) * 3];
    own_luma[i] = 0.299F * own[0] + 0.587F * own[1] + 0.114F * own[2];
    const float m = result[3 * kCropPixels + i];
    made[i] = m * (0.299F * result[i] + 0.587F * result[kCropPixels + i] +
                   0.114F * result[2 * kCropPixels + i]) +
              (1 - m) * scratch[2 * kCropPixels + i];
  }
  const std::vector<float> missing =
      missing_detail(made, std::span(scratch).subspan(2 * kCropPixels, kCropPixels), planes);
  // A frame that is coarser than the crop cannot hold it.
  const float seen = std::clamp(2 - crop_from_frame.scale(), 0.0F, 1.0F);
  std::transform(missing.begin(), missing.end(), scratch.begin() + 3 * kCropPixels,
                 [&](float v) { return seen * v; });
  const MouthDetail mouth_detail(mouth, wide_mouth, planes,
                                 std::span(scratch).subspan(2 * kCropPixels, kCropPixels),
                                 moved(target, crop_from_frame), pose, share);
  std::copy(own_luma.begin(), own_luma.end(), scratch.begin() + 2 * kCropPixels);
  const FloatPicture guide(scratch, kCropSize);

  std::vector<Point2> map(static_cast<std::size_t>(box.width()) * box.height());
  Point2* to = map.data();
  for (int y = box.y0; y < box.y1; ++y)
    for (int x = box.x0; x < box.x1; ++x) {
      const Point2 p =
          crop_from_frame.apply({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
      *to++ = {p.x * detail.scale, p.y * detail.scale};
    }
  MotionField(triangles, detail.points, target, MotionField::Surround::kNone).rasterise(box, map);

  // A frame coarser than the crop or the reference takes the mean of several samples a pixel.
  const float shrink = crop_from_frame.scale() * std::max(1.0F, detail.scale);
  const int grid = std::clamp(static_cast<int>(std::lround(shrink)), 1, 8);
  const float step = 1.0F / static_cast<float>(grid);
  const float reach = crop_from_frame.scale() * detail.scale;
  const Vec4 part = broadcast(step * step);
  const auto width = static_cast<std::size_t>(box.width());
  std::vector<Point2> centres(width), positions(width);
  std::vector<Vec4> skins(width), paints(width), sample(width);
  for (int y = box.y0; y < box.y1; ++y) {
    Point2* from = &map[static_cast<std::size_t>(y - box.y0) * width];
    for (std::size_t x = 0; x < width; ++x)
      centres[x] = crop_from_frame.apply(
          {static_cast<float>(box.x0 + static_cast<int>(x)) + 0.5F, static_cast<float>(y) + 0.5F});
    std::fill(skins.begin(), skins.end(), Vec4{});
    std::fill(paints.begin(), paints.end(), Vec4{});
    for (int j = 0; j < grid; ++j)
      for (int i = 0; i < grid; ++i) {
        const float dx = (static_cast<float>(i) + 0.5F) * step - 0.5F;
        const float dy = (static_cast<float>(j) + 0.5F) * step - 0.5F;
        for (std::size_t x = 0; x < width; ++x)
          positions[x] = {from[x].x + reach * dx, from[x].y + reach * dy};
        detail.picture.bicubic(positions, sample.data());
        for (std::size_t x = 0; x < width; ++x) skins[x] += part * sample[x];
        const Point2 shift = {crop_from_frame.a * dx - crop_from_frame.b * dy,
                              crop_from_frame.b * dx + crop_from_frame.a * dy};
        for (std::size_t x = 0; x < width; ++x)
          positions[x] = {centres[x].x + shift.x, centres[x].y + shift.y};
        painted.bicubic(positions, sample.data());
        for (std::size_t x = 0; x < width; ++x) paints[x] += part * sample[x];
      }
    for (std::size_t x = 0; x < width; ++x) {
      const Vec4 facts = guide.bilinear(centres[x]);
      const float alpha = facts[0];
      if (alpha <= kLeastAlpha) {
        from[x].x = std::numeric_limits<float>::quiet_NaN();  // nothing to smooth here
        continue;
      }
      const Vec4 skin = skins[x], paint = paints[x];
      const float m = std::clamp(static_cast<float>(paint[3]), 0.0F, 1.0F);
      std::uint8_t* pixel = picture.at(box.x0 + static_cast<int>(x), y);
      const float luminance = 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2];
      const float fine = facts[1] * std::clamp(luminance - static_cast<float>(facts[2]),
                                               -kMostDetailLevel, kMostDetailLevel);
      const Vec4 more = broadcast(fine) + mouth_detail.at(centres[x], skin);
      const Vec4 colour = correction.apply(broadcast(m) * (paint + more) + broadcast(1 - m) * skin +
                                               broadcast(static_cast<float>(facts[3])),
                                           centres[x]);
      for (int c = 0; c < 3; ++c) {
        const auto old = static_cast<float>(pixel[c]);
        pixel[c] = to_byte(old + alpha * (colour[c] - old));
      }
    }
  }
  smooth_tears(picture, box, map, reach);
}

}  // namespace visema
