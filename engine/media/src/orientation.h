#pragma once

#include <cstdint>

#include "visema/core/image.h"

namespace visema::media {

/// A turn by quarters and a mirroring: first transpose (swap x and y), then mirror.
struct Orientation {
  bool transpose = false;
  bool mirror_x = false;
  bool mirror_y = false;
  friend bool operator==(const Orientation&, const Orientation&) = default;
};

/// Of a display matrix (libavutil/display.h), nearest quarter turn; upright for null.
Orientation orientation_of(const std::int32_t* display_matrix);

Image upright(Image image, const Orientation& orientation);

}  // namespace visema::media
