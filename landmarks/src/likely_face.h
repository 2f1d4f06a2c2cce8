#pragma once

#include <span>
#include <vector>

#include "visema/models/speech_basis.h"

namespace visema {

/// Makes the skin around the mouth follow the lips. A speech network is judged by its lips; what it
/// says of chin and cheeks is loose. This keeps the lips and replaces the rest by what most likely
/// belongs to them: the maximum a posteriori coefficients when those of the training data are
/// normal and independent and the lips are known to kLipNoise.
class LikelyFace {
 public:
  explicit LikelyFace(const BasisPart& lower);
  /// lower.count coefficients, in place.
  void apply(std::span<float> coefficients) const;

 private:
  std::size_t count_;
  std::vector<float> matrix_;  // count x count, row major
};

}  // namespace visema
