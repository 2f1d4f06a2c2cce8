#include "visema/renderer/iplap_sketch.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

namespace visema {
namespace {

constexpr int kSize = kIplapSketchSize;
constexpr double kInk = 224;

struct Pixel {
  int x = 0;
  int y = 0;
};

struct Canvas {
  int width;
  int height;
  std::vector<double> ink = std::vector<double>(static_cast<std::size_t>(width) * height);

  double* row(int y) { return &ink[static_cast<std::size_t>(y) * width]; }
  const double* row(int y) const { return &ink[static_cast<std::size_t>(y) * width]; }

  std::optional<Pixel> pixel_of(Point2 p) const {
    const bool inside = p.x >= 0 && p.x <= 1 && p.y >= 0 && p.y <= 1;
    if (!inside) return std::nullopt;
    return Pixel{std::min(static_cast<int>(static_cast<double>(p.x) * width), width - 1),
                 std::min(static_cast<int>(static_cast<double>(p.y) * height), height - 1)};
  }

  /// Bresenham's line of 8-connected pixels, always from left to right.
  void line(Pixel from, Pixel to) {
    if (to.x < from.x) std::swap(from, to);
    const int down = to.y < from.y ? -1 : 1;
    int along = to.x - from.x, across = std::abs(to.y - from.y);
    const bool steep = across > along;
    if (steep) std::swap(along, across);
    int error = along - 2 * across;
    for (int i = 0; i <= along; ++i) {
      row(from.y)[from.x] = kInk;
      const bool both = error < 0;
      error += (both ? 2 * along : 0) - 2 * across;
      if (both || !steep) ++from.x;
      if (both || steep) from.y += down;
    }
  }
};

/// The two neighbours that one resized pixel is made of; the far one counts `part`.
struct Taps {
  int near = 0;
  int far = 0;
  float part = 0;
};

/// OpenCV's: weights in single precision, the border repeats.
std::vector<Taps> taps_of(int length) {
  std::vector<Taps> taps(kSize);
  const double scale = 1 / (static_cast<double>(kSize) / length);
  for (int i = 0; i < kSize; ++i) {
    const auto position = static_cast<float>((i + 0.5) * scale - 0.5);
    const auto floor = static_cast<int>(std::floor(position));
    taps[i] = {std::clamp(floor, 0, length - 1), std::clamp(floor + 1, 0, length - 1),
               position - static_cast<float>(floor)};
    if (taps[i].near == taps[i].far) taps[i].part = 0;
  }
  return taps;
}

double mix(double near, double far, float part) {
  return near * static_cast<double>(1 - part) + far * static_cast<double>(part);
}

}  // namespace

void draw_iplap_sketch(const std::array<Point2, kIplapPoints>& points, int crop_width,
                       int crop_height, std::span<float> sketch) {
  const auto shorter = std::min(crop_width, crop_height);
  const auto side = [&](int length) {
    return static_cast<int>(std::int64_t{length} * kSize / shorter);
  };
  Canvas canvas{side(crop_width), side(crop_height)};
  static const std::array<std::int16_t, kMeshPoints> kPosition = [] {
    std::array<std::int16_t, kMeshPoints> position{};
    for (int i = 0; i < kIplapPoints; ++i)
      position[kIplapIndices[i]] = static_cast<std::int16_t>(i);
    return position;
  }();
  for (const auto& [a, b] : kIplapEdges) {
    const auto from = canvas.pixel_of(points[kPosition[a]]);
    const auto to = canvas.pixel_of(points[kPosition[b]]);
    if (from && to) canvas.line(*from, *to);
  }
  const std::vector<Taps> columns = taps_of(canvas.width), rows = taps_of(canvas.height);
  for (int y = 0; y < kSize; ++y) {
    const double* near = canvas.row(rows[y].near);
    const double* far = canvas.row(rows[y].far);
    for (int x = 0; x < kSize; ++x) {
      const Taps& c = columns[x];
      sketch[static_cast<std::size_t>(y) * kSize + x] =
          static_cast<float>(mix(mix(near[c.near], near[c.far], c.part),
                                 mix(far[c.near], far[c.far], c.part), rows[y].part));
    }
  }
}

}  // namespace visema
