#pragma once

#include <vector>

#include "visema/core/image.h"
#include "visema/landmarks/face_mesh_net.h"

namespace visema {

/// What lies outside the picture: black, or the nearest pixel of its border.
enum class Outside { kBlack, kNearest };

/// The region as size x size RGB numbers, interleaved, 0..255 mapped to low..high; bilinear.
std::vector<float> sample_region(const Image& image, const FaceRegion& region, int size, float low,
                                 float high, Outside outside);

}  // namespace visema
