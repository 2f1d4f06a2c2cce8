#include "renderer_augment.h"

#include <algorithm>
#include <cmath>

namespace visema::training {
namespace {

constexpr std::array<float, 3> kLuma = {0.299f, 0.587f, 0.114f};
constexpr int kWaves = 4;

float uniform(Random& random, float low, float high) {
  return static_cast<float>(random.uniform(low, high));
}

float normal(Random& random, float sigma) {
  return static_cast<float>(random.normal()) * sigma;
}

/// gain and saturation about a grey pivot, then a shift.
ColourMap colour_map(float contrast, float saturation, const std::array<float, 3>& white,
                     float shift) {
  constexpr float kPivot = 110.0f;
  ColourMap map;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      const float own = row == column ? saturation : 0.0f;
      map.gain[row * 3 + column] = white[row] * contrast * (own + (1 - saturation) * kLuma[column]);
    }
    map.offset[row] = kPivot * (1 - contrast) + shift;
  }
  return map;
}

}  // namespace

ColourMap random_camera(Random& random) {
  const float contrast = uniform(random, 0.85f, 1.15f);
  const float saturation = uniform(random, 0.75f, 1.2f);
  const float light = uniform(random, 0.85f, 1.12f);
  std::array<float, 3> white;
  for (float& channel : white) channel = light * uniform(random, 0.95f, 1.05f);
  return colour_map(contrast, saturation, white, uniform(random, -10.0f, 10.0f));
}

ColourMap random_drift(Random& random) {
  const float contrast = uniform(random, 0.97f, 1.03f);
  const float saturation = uniform(random, 0.96f, 1.04f);
  std::array<float, 3> white;
  for (float& channel : white) channel = uniform(random, 0.975f, 1.025f);
  return colour_map(contrast, saturation, white, uniform(random, -4.0f, 4.0f));
}

void apply(const ColourMap& map, Image& picture) {
  const auto& g = map.gain;
  for (std::size_t i = 0; i + 2 < picture.rgb.size(); i += 3) {
    const float r = picture.rgb[i], green = picture.rgb[i + 1], b = picture.rgb[i + 2];
    for (int row = 0; row < 3; ++row) {
      const float value =
          g[row * 3] * r + g[row * 3 + 1] * green + g[row * 3 + 2] * b + map.offset[row];
      picture.rgb[i + row] = static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f));
    }
  }
}

void jitter(std::span<Point2, kMeshPoints> points, float sigma_px, Random& random) {
  constexpr float kTau = 6.2831853f;
  struct Wave {
    float x, y, phase, shift_x, shift_y;
  };
  std::array<Wave, kWaves> waves;
  // A cosine has variance 1/2.
  const float amplitude = sigma_px * std::sqrt(2.0f / kWaves);
  for (Wave& wave : waves) {
    const float angle = uniform(random, 0, kTau);
    const float frequency = kTau / uniform(random, 40.0f, 250.0f);
    wave = {frequency * std::cos(angle), frequency * std::sin(angle), uniform(random, 0, kTau),
            normal(random, amplitude), normal(random, amplitude)};
  }
  for (Point2& point : points) {
    Point2 moved = point;
    for (const Wave& wave : waves) {
      const float height = std::cos(wave.x * point.x + wave.y * point.y + wave.phase);
      moved.x += wave.shift_x * height;
      moved.y += wave.shift_y * height;
    }
    moved.x += normal(random, sigma_px * 0.3f);
    moved.y += normal(random, sigma_px * 0.3f);
    point = moved;
  }
}

}  // namespace visema::training
