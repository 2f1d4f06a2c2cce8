#pragma once

#include <cstdint>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/face_triangles.h"

namespace visema {

/// Side of the rectified lower-face crop, pixels.
inline constexpr int kCropSize = 192;
/// Crop pixels per canonical unit (distance of the outer eye corners): a 256 px picture at this
/// scale holds a whole face.
inline constexpr float kCropScale = 126;

/// Rotation, scale and shift in the plane: x' = a x - b y + tx, y' = b x + a y + ty.
struct Similarity2 {
  float a = 1;
  float b = 0;
  float tx = 0;
  float ty = 0;

  Point2 apply(Point2 p) const { return {a * p.x - b * p.y + tx, b * p.x + a * p.y + ty}; }
  Similarity2 inverse() const;
  /// Length of a unit vector after the map.
  float scale() const;
  /// This map followed by an enlargement about the origin.
  Similarity2 scaled(float factor) const {
    return {a * factor, b * factor, tx * factor, ty * factor};
  }
};

/// Picture pixels to crop pixels: upright by the head's roll, kCropScale px per unit, from mid nose
/// to below an open jaw. Pixel centres at .5 on both sides.
Similarity2 crop_from_picture(const HeadPose& pose);

/// The size x size crop of a picture. Shrinking averages over the area, enlarging is bicubic
/// (Catmull-Rom); beyond the border the edge pixels repeat.
Image extract_crop(const Image& picture, const Similarity2& crop_from_picture, int size);

/// Side of the mouth crop that sync networks see, pixels, and its pixels per canonical unit.
inline constexpr int kMouthSize = 48;
inline constexpr float kMouthScale = 56;

/// Picture pixels to mouth crop pixels: like crop_from_picture(), smaller, from the nose's base to
/// the chin. The head's motion is removed, the jaw's is not.
Similarity2 mouth_from_picture(const HeadPose& pose);

/// The mouth crop of a picture as kMouthSize * kMouthSize luma values (BT.601 weights, full range).
std::vector<std::uint8_t> extract_mouth(const Image& picture, const HeadPose& pose);

/// The points of a mesh after the map, depth dropped.
FacePoints map_points(const FaceMesh& mesh, const Similarity2& map);

}  // namespace visema
