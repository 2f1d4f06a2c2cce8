#include "face_sampling.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace visema {

namespace {

using Pixel = const std::uint8_t*;

/// Bilinear mix of four pixels, appended to `to`.
inline void mix(Pixel a, Pixel b, Pixel c, Pixel d, float fx, float fy, float gain, float low,
                float* to) {
  for (int channel = 0; channel < 3; ++channel) {
    const float top =
        static_cast<float>(a[channel]) + fx * static_cast<float>(b[channel] - a[channel]);
    const float bottom =
        static_cast<float>(c[channel]) + fx * static_cast<float>(d[channel] - c[channel]);
    to[channel] = low + gain * (top + fy * (bottom - top));
  }
}

}  // namespace

std::vector<float> sample_region(const Image& image, const FaceRegion& region, int size, float low,
                                 float high, Outside outside) {
  std::vector<float> result(static_cast<std::size_t>(size) * size * 3);
  static constexpr std::array<std::uint8_t, 3> kBlack{};
  const int last_x = image.width - 1, last_y = image.height - 1;
  const auto stride = static_cast<std::ptrdiff_t>(image.width) * 3;
  const auto pixel = [&](int x, int y) -> Pixel {
    if (outside == Outside::kBlack && (x < 0 || y < 0 || x > last_x || y > last_y)) {
      return kBlack.data();
    }
    return image.at(std::clamp(x, 0, last_x), std::clamp(y, 0, last_y));
  };
  const float gain = (high - low) / 255;
  const float step = region.size / static_cast<float>(size);
  const float c = std::cos(region.rotation) * step, s = std::sin(region.rotation) * step;
  const float half = static_cast<float>(size) / 2;
  // Far outside every pixel is the border; keeps the conversion to int defined.
  const float limit_x = static_cast<float>(image.width) + 1;
  const float limit_y = static_cast<float>(image.height) + 1;
  float* to = result.data();
  for (int row = 0; row < size; ++row) {
    const float v = static_cast<float>(row) + 0.5f - half;
    for (int column = 0; column < size; ++column, to += 3) {
      const float u = static_cast<float>(column) + 0.5f - half;
      const float x = std::clamp(region.centre.x + c * u - s * v - 0.5f, -2.0f, limit_x);
      const float y = std::clamp(region.centre.y + s * u + c * v - 0.5f, -2.0f, limit_y);
      const int x0 = static_cast<int>(x + 2) - 2, y0 = static_cast<int>(y + 2) - 2;  // floor
      const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
      if (x0 >= 0 && y0 >= 0 && x0 < last_x && y0 < last_y) {
        const Pixel a = image.at(x0, y0);
        mix(a, a + 3, a + stride, a + stride + 3, fx, fy, gain, low, to);
      } else {
        mix(pixel(x0, y0), pixel(x0 + 1, y0), pixel(x0, y0 + 1), pixel(x0 + 1, y0 + 1), fx, fy,
            gain, low, to);
      }
    }
  }
  return result;
}

}  // namespace visema
