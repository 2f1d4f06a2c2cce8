#pragma once

#include <array>
#include <span>

#include "random.h"
#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"

namespace visema::training {

/// Affine map of colours: out = gain * in + offset, row major, colours 0..255.
struct ColourMap {
  std::array<float, 9> gain = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::array<float, 3> offset = {0, 0, 0};
};

/// Light, contrast, saturation and white balance of another camera.
ColourMap random_camera(Random& random);
/// What two recordings of one person minutes apart differ by.
ColourMap random_drift(Random& random);
void apply(const ColourMap& map, Image& picture);

/// Moves points by a smooth field and a little noise, as tracked points are wrong. sigma_px is the
/// standard deviation of the field.
void jitter(std::span<Point2, kMeshPoints> points, float sigma_px, Random& random);

}  // namespace visema::training
