#pragma once

#include <optional>
#include <span>

#include "visema/core/landmark_frame.h"

namespace visema {

/// Leaves of a matte of kMatteSide x kMatteSide only what hangs together with the person at `at`
/// (in the matte's pixels), or with the largest one where there is none: networks take pictures on
/// a wall and passers-by for persons too.
void keep_one_person(std::span<float> matte, std::optional<Point2> at);

}  // namespace visema
