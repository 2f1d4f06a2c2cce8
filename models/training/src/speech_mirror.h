#pragma once

#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/models/speech_basis.h"

namespace visema::training {

/// Matrix [count, count], row major, that takes the coefficients of an offset to those of the same
/// offset on the mirrored face; `rest` is a mean rest face.
std::vector<float> mirror_matrix(const BasisPart& part, const FaceMesh& rest);

}  // namespace visema::training
