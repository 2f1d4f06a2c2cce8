#pragma once

#include <cstdint>
#include <vector>

namespace visema::training {

/// Examples of a step, one behind the other, colours 0..1.
struct RendererBatch {
  std::int64_t count = 0;
  std::vector<float> planes;  // count * 13 * size * size
  std::vector<float> target;  // count * 3 * size * size
};

}  // namespace visema::training
