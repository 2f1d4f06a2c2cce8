#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "visema/core/time.h"

namespace visema {

/// Columns and rows of a cover's mask: the lower half of the face laid flat (renderer's FaceAtlas).
inline constexpr int kCoverWidth = 120;
inline constexpr int kCoverHeight = 68;
inline constexpr int kCoverTexels = kCoverWidth * kCoverHeight;

/// What of one frame's face lies behind a hand, a microphone, hair.
struct FaceCover {
  FrameIndex frame = 0;
  std::vector<std::uint8_t> mask;  // kCoverTexels; 0: the face, 255: something before it
  float lips = 0;                  // share of the lips that is covered, 0..1
};

}  // namespace visema
