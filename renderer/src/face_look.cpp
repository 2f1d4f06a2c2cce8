#include "face_look.h"

#include <algorithm>
#include <cmath>

#include "visema/renderer/face_atlas.h"

namespace visema {
namespace {

constexpr float kLift = 12;  // of 255: what is darker differs little
constexpr int kRounds = 5;
/// Differences at which a texel counts for nothing: of the logarithm of luma, of red, of blue.
constexpr Vec4 kFar = {0.45F, 0.16F, 0.16F, 1};

/// Mean over the seen texels around, r g b and whether it is seen itself.
Plane blurred(const Image& flat) {
  Plane sums(kAtlasTexels);
  const auto texel = [&](int i) {
    const std::uint8_t* p = &flat.rgb[static_cast<std::size_t>(i) * 3];
    return Vec4{static_cast<float>(p[0]), static_cast<float>(p[1]), static_cast<float>(p[2]),
                p[0] > 0 ? 1.0F : 0.0F};
  };
  for (int y = 1; y + 1 < kAtlasSide; ++y)
    for (int x = 1; x + 1 < kAtlasSide; ++x) {
      const int i = y * kAtlasSide + x;
      if (texel(i)[3] == 0) continue;
      Vec4 sum{};
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) sum += texel(i + dy * kAtlasSide + dx);
      sums[i] = sum * broadcast(1 / sum[3]);
    }
  return sums;
}

Vec4 place(int texel) {
  constexpr float kHalf = kAtlasSide / 2.0F;
  const int column = texel % kAtlasSide, row = texel / kAtlasSide;
  return Vec4{1, static_cast<float>(column) / kHalf - 1, static_cast<float>(row) / kHalf - 1, 0};
}

/// Least squares of a plane through weighted numbers, four at a time.
struct PlaneFit {
  float s[6] = {};  // 11 1x 1y xx xy yy
  Vec4 t[3] = {};

  void add(Vec4 where, Vec4 value, float w) {
    const float x = where[1], y = where[2];
    s[0] += w, s[1] += w * x, s[2] += w * y, s[3] += w * x * x, s[4] += w * x * y,
        s[5] += w * y * y;
    t[0] += value * broadcast(w), t[1] += value * broadcast(w * x),
        t[2] += value * broadcast(w * y);
  }
  std::array<Vec4, 3> solve() const {
    const float ridge = 0.02F * s[0] + 1e-6F;  // keeps the slopes of a face half seen small
    const float xx = s[3] + ridge, yy = s[5] + ridge, n = s[0] + 1e-6F;
    const float c00 = xx * yy - s[4] * s[4], c01 = s[2] * s[4] - s[1] * yy,
                c02 = s[1] * s[4] - s[2] * xx, c11 = n * yy - s[2] * s[2],
                c12 = s[1] * s[2] - n * s[4], c22 = n * xx - s[1] * s[1];
    const Vec4 by = broadcast(1 / (n * c00 + s[1] * c01 + s[2] * c02));
    return {by * (t[0] * broadcast(c00) + t[1] * broadcast(c01) + t[2] * broadcast(c02)),
            by * (t[0] * broadcast(c01) + t[1] * broadcast(c11) + t[2] * broadcast(c12)),
            by * (t[0] * broadcast(c02) + t[1] * broadcast(c12) + t[2] * broadcast(c22))};
  }
};

Vec4 median(std::vector<Vec4>& values) {
  Vec4 result{};
  if (values.empty()) return result;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  for (int c = 0; c < 3; ++c) {
    std::nth_element(values.begin(), middle, values.end(),
                     [c](Vec4 a, Vec4 b) { return a[c] < b[c]; });
    result[c] = (*middle)[c];
  }
  return result;
}

}  // namespace

Plane face_look(const Image& flat) {
  Plane look = blurred(flat);
  for (Vec4& v : look) {
    if (v[3] == 0) continue;
    const float luma = 0.299F * v[0] + 0.587F * v[1] + 0.114F * v[2] + kLift;
    v = Vec4{std::log(luma), (v[0] + kLift - luma) / luma, (v[2] + kLift - luma) / luma, 1};
  }
  return look;
}

Vec4 FaceLight::at(int texel) const {
  const Vec4 where = place(texel);
  return parts[0] + parts[1] * broadcast(where[1]) + parts[2] * broadcast(where[2]);
}

FaceLight fit_light(const Plane& look, const Plane& usual, std::span<const float> weight) {
  std::vector<int> texels;
  std::vector<Vec4> differences;
  for (int i = 0; i < kAtlasTexels; ++i)
    if (weight[i] > 0 && look[i][3] > 0 && usual[i][3] > 0) {
      texels.push_back(i);
      differences.push_back(look[i] - usual[i]);
    }
  FaceLight light;
  if (texels.empty()) return light;
  std::vector<Vec4> scratch = differences;
  light.parts[0] = median(scratch);
  for (int round = 0; round < kRounds; ++round) {
    PlaneFit fit;
    for (std::size_t n = 0; n < texels.size(); ++n) {
      const Vec4 off = (differences[n] - light.at(texels[n])) / kFar;
      const float most = std::max({off[0] * off[0], off[1] * off[1], off[2] * off[2]});
      if (most >= 1) continue;
      fit.add(place(texels[n]), differences[n], weight[texels[n]] * (1 - most) * (1 - most));
    }
    if (fit.s[0] > 0) light.parts = fit.solve();
  }
  return light;
}

}  // namespace visema
