#pragma once

#include <span>

#include "float_picture.h"

namespace visema {

/// Gains that let a painted region meet its surroundings: on the mask's soft edge, where both are
/// skin, what the painted colours lack; inside, a smooth membrane over it (pull-push, Gortler et
/// al. 1996). Computed from one frame alone.
class ColourMatch {
 public:
  /// Crop planes: `painted` and `base` r g b 0..1, kCropPixels each colour.
  ColourMatch(std::span<const float> mask, std::span<const float> painted,
              std::span<const float> base);

  /// The colour (0..255) at a crop position, corrected.
  Vec4 apply(Vec4 colour, Point2 p) const {
    const Vec4 lift = broadcast(kLift);
    return (colour + lift) * gains_.bilinear({p.x / kCell, p.y / kCell}) - lift;
  }

 private:
  static constexpr float kLift = 16;  // of 255; keeps the gains of dark colours small
  static constexpr int kCell = 8;     // crop pixels

  static FloatPicture gains(std::span<const float> mask, std::span<const float> painted,
                            std::span<const float> base);

  FloatPicture gains_;
};

}  // namespace visema
