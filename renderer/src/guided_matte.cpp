#include "guided_matte.h"

#include <array>
#include <cstddef>

namespace visema {
namespace {

constexpr int kRadius = 5;
/// Variance of the colour below which the picture has no edge.
constexpr float kFlat = 3e-4F;

/// x of S x = y by Cramer's rule; S is symmetric, its upper triangle rr rg rb gg gb bb.
std::array<float, 3> solve(const std::array<float, 6>& s, const std::array<float, 3>& y) {
  const float c00 = s[3] * s[5] - s[4] * s[4], c01 = s[2] * s[4] - s[1] * s[5],
              c02 = s[1] * s[4] - s[2] * s[3], c11 = s[0] * s[5] - s[2] * s[2],
              c12 = s[1] * s[2] - s[0] * s[4], c22 = s[0] * s[3] - s[1] * s[1];
  const float by = 1 / (s[0] * c00 + s[1] * c01 + s[2] * c02);
  return {by * (c00 * y[0] + c01 * y[1] + c02 * y[2]), by * (c01 * y[0] + c11 * y[1] + c12 * y[2]),
          by * (c02 * y[0] + c12 * y[1] + c22 * y[2])};
}

/// rr rg rb gg and gb bb -, each pixel's products.
Plane first_squares(const Plane& guide) {
  Plane squares;
  squares.reserve(guide.size());
  for (const Vec4 p : guide)
    squares.push_back(Vec4{p[0] * p[0], p[0] * p[1], p[0] * p[2], p[1] * p[1]});
  return squares;
}
Plane last_squares(const Plane& guide) {
  Plane squares;
  squares.reserve(guide.size());
  for (const Vec4 p : guide) squares.push_back(Vec4{p[1] * p[2], p[2] * p[2], 0, 0});
  return squares;
}

}  // namespace

FloatPicture guided_matte(const Plane& guide, int side) {
  Plane with_matte;
  with_matte.reserve(guide.size());
  for (const Vec4 p : guide) with_matte.push_back(p * broadcast(p[3]));
  with_matte = box_mean(with_matte, side, kRadius);
  const Plane mean = box_mean(guide, side, kRadius);
  const Plane first = box_mean(first_squares(guide), side, kRadius);
  const Plane last = box_mean(last_squares(guide), side, kRadius);

  Plane line(guide.size());
  for (std::size_t i = 0; i < guide.size(); ++i) {
    const Vec4 m = mean[i];
    const std::array<float, 6> variance = {
        first[i][0] - m[0] * m[0] + kFlat, first[i][1] - m[0] * m[1],
        first[i][2] - m[0] * m[2],         first[i][3] - m[1] * m[1] + kFlat,
        last[i][0] - m[1] * m[2],          last[i][1] - m[2] * m[2] + kFlat};
    const Vec4 c = with_matte[i] - m * broadcast(m[3]);
    const auto a = solve(variance, {c[0], c[1], c[2]});
    line[i] = Vec4{a[0], a[1], a[2], m[3] - a[0] * m[0] - a[1] * m[1] - a[2] * m[2]};
  }
  return {box_mean(line, side, kRadius), side};
}

}  // namespace visema
