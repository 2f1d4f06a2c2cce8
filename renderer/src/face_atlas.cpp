#include "visema/renderer/face_atlas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "float_picture.h"
#include "visema/renderer/face_crop.h"
#include "visema/renderer/motion_field.h"

namespace visema {
namespace {

/// Height of the face's middle in the canonical frame.
constexpr float kMiddle = 0.36F;
/// The picture is first brought to the atlas' scale, upright, with the face in its middle.
constexpr int kUprightSide = 144;
/// Parts seen at a flatter angle than this share of their area are not seen.
constexpr float kLeastArea = 0.4F;
/// Is no place of a picture; a sample there is that of its upper left corner.
constexpr Point2 kNowhere = {std::numeric_limits<float>::quiet_NaN(),
                             std::numeric_limits<float>::quiet_NaN()};
constexpr PixelBox kAtlasBox = {0, 0, kAtlasSide, kAtlasSide};

Similarity2 upright(const HeadPose& pose) {
  constexpr float kCropMiddle = 0.88F;  // height of the crop's middle, as kMiddle
  Similarity2 map = crop_from_picture(pose).scaled(kAtlasScale / kCropScale);
  map.tx += kUprightSide / 2.0F - kCropSize / 2.0F * kAtlasScale / kCropScale;
  map.ty += kUprightSide / 2.0F - kCropSize / 2.0F * kAtlasScale / kCropScale +
            (kCropMiddle - kMiddle) * kAtlasScale;
  return map;
}

/// Whether a texel and its neighbours come from a piece of picture that shows them well.
bool is_seen(const std::vector<Point2>& from, int x, int y) {
  const auto at = [&](int column, int row) { return from[row * kAtlasSide + column]; };
  const Point2 p = at(x, y);
  const Point2 right = x + 1 < kAtlasSide ? at(x + 1, y) : p;
  const Point2 below = y + 1 < kAtlasSide ? at(x, y + 1) : p;
  const float area = (right.x - p.x) * (below.y - p.y) - (right.y - p.y) * (below.x - p.x);
  return area > kLeastArea;  // not for NaN
}

/// The mask as the first number of each texel, 0..1.
FloatPicture whole_atlas(std::span<const std::uint8_t> mask) {
  std::vector<Vec4> texels(kAtlasTexels);
  for (int i = 0; i < kCoverTexels; ++i)
    texels[kCoverTop * kAtlasSide + i][0] = static_cast<float>(mask[i]) / 255;
  return FloatPicture(texels, kAtlasSide);
}

}  // namespace

FaceAtlas::FaceAtlas(const FaceMesh& canonical, std::span<const FaceTriangles::Triangle> triangles)
    : triangles_(triangles) {
  constexpr float kHalf = kAtlasSide / 2.0F;
  for (std::size_t i = 0; i < layout_.size(); ++i)
    layout_[i] = {kHalf + kAtlasScale * canonical[i].x,
                  kHalf + kAtlasScale * (canonical[i].y - kMiddle)};
}

FlatFace FaceAtlas::flatten(const Image& picture, const FaceMesh& mesh,
                            const HeadPose& pose) const {
  const Similarity2 map = upright(pose);
  const FloatPicture source(extract_crop(picture, map, kUprightSide));
  std::vector<Point2> from(kAtlasTexels, kNowhere);
  MotionField(triangles_, map_points(mesh, map), layout_, MotionField::Surround::kNone)
      .rasterise(kAtlasBox, from);
  FlatFace face{Image(kAtlasSide, kAtlasSide),
                {pose.rotation[2], pose.rotation[5], pose.rotation[8]}};
  for (int y = 0; y < kAtlasSide; ++y)
    for (int x = 0; x < kAtlasSide; ++x) {
      if (!is_seen(from, x, y)) continue;
      std::uint8_t* texel = face.texels.at(x, y);
      store(source.bilinear(from[y * kAtlasSide + x]), texel);
      for (int c = 0; c < 3; ++c) texel[c] = std::max<std::uint8_t>(texel[c], 1);
    }
  return face;
}

void FaceAtlas::put_back(const Image& own, std::span<const std::uint8_t> mask, const FaceMesh& mesh,
                         Image& painted) const {
  const MotionField field(triangles_, layout_, map_points(mesh, {}), MotionField::Surround::kAlike);
  const PixelBox box = field.affected().intersect({0, 0, own.width, own.height});
  if (box.empty()) return;
  std::vector<Point2> places(static_cast<std::size_t>(box.width()) * box.height(), kNowhere);
  field.rasterise(box, places);
  const FloatPicture cover = whole_atlas(mask);
  const Point2* place = places.data();
  for (int y = box.y0; y < box.y1; ++y)
    for (int x = box.x0; x < box.x1; ++x) {
      const float share = cover.bilinear(*place++)[0];
      if (share <= 0) continue;
      std::uint8_t* to = painted.at(x, y);
      const std::uint8_t* from = own.at(x, y);
      for (int c = 0; c < 3; ++c) {
        const auto old = static_cast<float>(to[c]);
        to[c] = to_byte(old + share * (static_cast<float>(from[c]) - old));
      }
    }
}

std::vector<float> FaceAtlas::on_crop(std::span<const std::uint8_t> mask,
                                      const FacePoints& points) const {
  constexpr PixelBox kCropBox = {0, 0, kCropSize, kCropSize};
  std::vector<Point2> places(static_cast<std::size_t>(kCropSize) * kCropSize, kNowhere);
  MotionField(triangles_, layout_, points, MotionField::Surround::kAlike)
      .rasterise(kCropBox, places);
  const FloatPicture cover = whole_atlas(mask);
  std::vector<float> shares(places.size());
  std::transform(places.begin(), places.end(), shares.begin(),
                 [&](Point2 place) { return static_cast<float>(cover.bilinear(place)[0]); });
  return shares;
}

}  // namespace visema
