#pragma once

#include <array>
#include <span>

#include "vec4.h"
#include "visema/core/landmark_frame.h"

namespace visema {

/// A colour that changes linearly over the crop, to add to a painted region so that it meets its
/// surroundings: least squares of the difference on the mask's soft edge, where both are skin.
class ColourMatch {
 public:
  /// Crop planes: `painted` and `base` r g b 0..1, kCropPixels each colour.
  ColourMatch(std::span<const float> mask, std::span<const float> painted,
              std::span<const float> base);

  /// Correction at a crop position, 0..255 scale.
  Vec4 at(Point2 p) const {
    return clip(mean_ + slope_x_ * broadcast(p.x - centre_.x) +
                slope_y_ * broadcast(p.y - centre_.y));
  }

 private:
  static Vec4 clip(Vec4 v);

  Point2 centre_;
  Vec4 mean_{}, slope_x_{}, slope_y_{};
};

}  // namespace visema
