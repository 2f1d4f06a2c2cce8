#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/models/tensor_file.h"

namespace visema {

/// One linear basis of offsets from a rest face: offset = sum_k c_k row_k, c_k = <offset,
/// project_k>.
struct BasisPart {
  std::int64_t count = 0;        // K
  std::vector<float> rows;       // [K, 478, 3]
  std::vector<float> project;    // [K, 478, 3]
  std::vector<float> deviation;  // [K], of each coefficient on the training split
};

/// Bases of articulation (lips, jaw, cheeks) and of the upper face, canonical units.
struct SpeechBasis {
  BasisPart lower;
  BasisPart upper;

  /// Reads `prefix` + lower, lower_std, upper, upper_std and, where present, lower_project and
  /// upper_project (the rows themselves otherwise). Throws Error(kModel) naming the tensor.
  static SpeechBasis read(const TensorFile& file, const std::string& prefix);
};

/// coefficients[K] of an offset.
void project(const BasisPart& part, const FaceMesh& offset, std::span<float> coefficients);
/// Adds `gain` * sum_k c_k row_k.
void add_offset(const BasisPart& part, std::span<const float> coefficients, float gain,
                FaceMesh& offset);

}  // namespace visema
