#pragma once

#include <gmock/gmock.h>

#include <cmath>
#include <tuple>
#include <vector>

#include "visema/models/speech_basis.h"

namespace visema::test {

/// A basis of three movements that do not touch each other's points: opening the lips, lowering
/// their corners, lowering the chin.
inline BasisPart three_movements() {
  constexpr std::size_t kNumbers = std::size_t{kMeshPoints} * 3;
  BasisPart lower;
  lower.count = 3;
  lower.rows.resize(3 * kNumbers);
  for (const auto& [row, point, y] : {std::tuple{0, 13, -1.0F},
                                      {0, 14, 1.0F},
                                      {0, 81, -1.0F},
                                      {0, 178, 1.0F},
                                      {0, 311, -1.0F},
                                      {0, 402, 1.0F},
                                      {1, 61, 1.0F},
                                      {1, 291, 1.0F},
                                      {2, 152, 1.0F}})
    lower.rows[row * kNumbers + static_cast<std::size_t>(point) * 3 + 1] = y;
  lower.project = lower.rows;
  for (int row = 0; row < 3; ++row) {
    double squares = 0;
    for (std::size_t i = 0; i < kNumbers; ++i)
      squares += std::pow(lower.rows[row * kNumbers + i], 2);
    for (std::size_t i = 0; i < kNumbers; ++i)
      lower.project[row * kNumbers + i] /= static_cast<float>(squares);
  }
  lower.deviation = {1, 1, 1};
  return lower;
}

}  // namespace visema::test
