#include <algorithm>
#include <cmath>

#include "float_picture.h"
#include "visema/renderer/cutout.h"

namespace visema {

Image filling(const Image& picture, int width, int height) {
  // Pixels of the picture for one of the result; shrinking takes the mean of several places.
  const float step = std::min(static_cast<float>(picture.width) / static_cast<float>(width),
                              static_cast<float>(picture.height) / static_cast<float>(height));
  const int grid = std::max(1, static_cast<int>(std::ceil(step)));
  const float left = (static_cast<float>(picture.width) - step * static_cast<float>(width)) / 2;
  const float top = (static_cast<float>(picture.height) - step * static_cast<float>(height)) / 2;
  const auto place = [&](float from, int i, int part) {
    const float share = (static_cast<float>(part) + 0.5F) / static_cast<float>(grid);
    return from + step * (static_cast<float>(i) + share);
  };
  const FloatPicture source(picture);
  Image result(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      Vec4 sum{};
      for (int v = 0; v < grid; ++v)
        for (int u = 0; u < grid; ++u)
          sum += source.bilinear({place(left, x, u), place(top, y, v)});
      store(sum / broadcast(static_cast<float>(grid * grid)), result.at(x, y));
    }
  return result;
}

}  // namespace visema
