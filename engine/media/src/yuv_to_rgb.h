#pragma once

#include <cstdint>

#include "matrix.h"
#include "visema/core/image.h"

namespace visema::media {

/// Where a chroma sample lies among the luma samples that it stands for.
enum class Siting { kFirst, kBetween };

/// Planar 8-bit luma and chroma.
struct YuvPicture {
  int width = 0;
  int height = 0;
  const std::uint8_t* planes[3] = {};  // no chroma: grey
  std::ptrdiff_t strides[3] = {};
  bool half_width = false;  // of the chroma planes
  bool half_height = false;
  Siting horizontal = Siting::kFirst;
  Siting vertical = Siting::kBetween;
  LumaWeights weights = kBt709;
  bool full_range = false;
};

/// Chroma is interpolated linearly; every value is within one level of the exact result.
Image yuv_to_rgb(const YuvPicture& picture);

}  // namespace visema::media
