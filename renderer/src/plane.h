#pragma once

#include <vector>

#include "vec4.h"

namespace visema {

/// A square picture of four numbers a pixel, row by row.
using Plane = std::vector<Vec4>;

/// The mean of the (2 radius + 1)^2 pixels around each, of those that lie in the plane.
Plane box_mean(const Plane& from, int side, int radius);

}  // namespace visema
