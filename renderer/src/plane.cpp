#include "plane.h"

#include <algorithm>
#include <cstddef>

namespace visema {
namespace {

/// Pixels that lie `step` apart.
struct Line {
  const Vec4* from;
  Vec4* to;
  std::ptrdiff_t step;
};

void mean_along(const Line& line, int side, int radius) {
  Vec4 sum{};
  for (int i = 0; i < std::min(radius, side); ++i) sum += line.from[i * line.step];
  for (int i = 0; i < side; ++i) {
    if (i + radius < side) sum += line.from[(i + radius) * line.step];
    if (i - radius > 0) sum -= line.from[(i - radius - 1) * line.step];
    const int count = std::min(side - 1, i + radius) - std::max(0, i - radius) + 1;
    line.to[i * line.step] = sum * broadcast(1 / static_cast<float>(count));
  }
}

}  // namespace

Plane box_mean(const Plane& from, int side, int radius) {
  Plane rows(from.size()), to(from.size());
  for (int y = 0; y < side; ++y) {
    const std::ptrdiff_t begin = static_cast<std::ptrdiff_t>(y) * side;
    mean_along({from.data() + begin, rows.data() + begin, 1}, side, radius);
  }
  for (int x = 0; x < side; ++x) mean_along({rows.data() + x, to.data() + x, side}, side, radius);
  return to;
}

}  // namespace visema
