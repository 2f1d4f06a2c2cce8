#pragma once

#include <array>
#include <span>
#include <vector>

#include "plane.h"
#include "visema/core/image.h"

namespace visema {

/// A flat face as what shade and light change in a simple way: logarithm of the luma, red and blue
/// against the luma, and 1 where it is seen, else 0. Slightly blurred.
Plane face_look(const Image& flat);

/// A light that changes evenly over the face: what it adds to a look.
struct FaceLight {
  std::array<Vec4, 3> parts{};  // everywhere, by x, by y

  Vec4 at(int texel) const;
};

/// The light that makes `usual` most like `look` where `weight` is not 0 and both are seen; what
/// is far from it counts little (Tukey's biweight).
FaceLight fit_light(const Plane& look, const Plane& usual, std::span<const float> weight);

}  // namespace visema
