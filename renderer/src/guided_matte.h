#pragma once

#include "float_picture.h"
#include "plane.h"

namespace visema {

/// The matte as a linear function of the picture's colour that changes slowly from place to place
/// (He, Sun, Tang: Guided Image Filtering, 2010, with a colour guide): r g b 0..1 times the first
/// three numbers plus the fourth. So the borders of the matte become those of the picture, at any
/// resolution. `guide`: r g b and the matte, 0..1.
FloatPicture guided_matte(const Plane& guide, int side);

}  // namespace visema
