#include "orientation.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace visema::media {

// The matrix {a b u, c d v, x y w} takes (x, y) to (a x + c y, b x + d y), y down.
Orientation orientation_of(const std::int32_t* m) {
  if (m == nullptr) return {};
  const std::int64_t a = m[0], b = m[1], c = m[3], d = m[4];
  if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c)) return {false, a < 0, d < 0};
  return {true, c < 0, b < 0};
}

Image upright(Image image, const Orientation& orientation) {
  if (orientation == Orientation{}) return image;
  Image out(orientation.transpose ? image.height : image.width,
            orientation.transpose ? image.width : image.height);
  for (int y = 0; y < out.height; ++y) {
    const int v = orientation.mirror_y ? out.height - 1 - y : y;
    for (int x = 0; x < out.width; ++x) {
      const int u = orientation.mirror_x ? out.width - 1 - x : x;
      const std::uint8_t* from = orientation.transpose ? image.at(v, u) : image.at(u, v);
      std::copy_n(from, 3, out.at(x, y));
    }
  }
  return out;
}

}  // namespace visema::media
