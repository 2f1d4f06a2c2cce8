#pragma once

#include <array>
#include <span>

#include "visema/core/iplap_points.h"

namespace visema {

/// Side of IP-LAP's sketches and faces, pixels.
inline constexpr int kIplapSketchSize = 128;

/// Draws IP-LAP's face sketch: the edges as lines on a picture of the crop's shape whose shorter
/// side is 128, resized to 128 x 128; 0 is ground and 224 ink, pixel for pixel as OpenCV draws and
/// resizes it in double precision. `points`: in 0..1 of the crop's width and height; edges with an
/// end outside are left out. `crop_width`, `crop_height`: pixels, at least 1. `sketch`: one
/// channel, row by row.
void draw_iplap_sketch(const std::array<Point2, kIplapPoints>& points, int crop_width,
                       int crop_height, std::span<float> sketch);

}  // namespace visema
