#pragma once

#include <span>

#include "visema/renderer/face_triangles.h"

namespace visema {

/// Reach of the distance maps and width of the mask's soft edge, crop pixels.
inline constexpr float kContourReach = 16;
inline constexpr float kMaskFeather = 9;

/// Signed distance from each pixel centre of a size x size window to a closed contour, pixels,
/// positive inside, clipped at +-reach. The contour runs clockwise in the picture; parts that run
/// the other way (lips that cross) count as outside. Points that are not finite are left out.
void contour_distance(std::span<const Point2> contour, int size, float reach, std::span<float> out);

/// The three contours of the generator's input, on the kCropSize crop.
void inner_lip_distance(const FacePoints& crop_points, std::span<float> out);
void outer_lip_distance(const FacePoints& crop_points, std::span<float> out);
void face_oval_distance(const FacePoints& crop_points, std::span<float> out);

/// How far the inner lips are apart in crop pixels, mean over the middle of the mouth.
float mean_lip_gap(const FacePoints& crop_points);

/// How much of each crop pixel is repainted, 0..1: from under the nose down the cheeks and around
/// the chin just inside the jaw line; every mouth stays well inside. Falls to 0 over kMaskFeather
/// px towards its edge, and is 0 outside the face oval and on the crop's border. `oval_distance` as
/// face_oval_distance() gives it.
void mouth_mask(const FacePoints& crop_points, std::span<const float> oval_distance,
                std::span<float> mask);

}  // namespace visema
