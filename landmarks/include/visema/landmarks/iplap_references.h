#pragma once

#include <cstddef>
#include <vector>

#include "visema/core/landmark_frame.h"

namespace visema {

/// IP-LAP's choice of references: `wanted` frames, evenly spread over the frames with a face when
/// these are sorted by how far the lips' outer edges stand apart (points 0 and 17, in units of the
/// face, so that its size does not matter). Positions in `frames`, from closed to open; with fewer
/// faces than wanted some repeat, and without a face there are none.
std::vector<std::size_t> iplap_references(const std::vector<LandmarkFrame>& frames, int wanted);

}  // namespace visema
