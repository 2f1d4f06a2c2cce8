#pragma once

#include <cmath>
#include <span>
#include <vector>

#include "vec4.h"
#include "visema/core/image.h"
#include "visema/renderer/motion_field.h"

namespace visema {

/// A part of a picture as Vec4 with its border pixels repeated, for fast sampling. Positions are in
/// the whole picture's pixels, centres at .5; any float is safe, not finite ones included.
class FloatPicture {
 public:
  /// Colours 0..255, the fourth number is 0. The box is cut to the picture; samples outside the box
  /// repeat its border.
  FloatPicture(const Image& picture, PixelBox box);
  explicit FloatPicture(const Image& picture);
  /// From four planes of size x size.
  FloatPicture(std::span<const float> planes, int size);
  /// From size x size pixels.
  FloatPicture(std::span<const Vec4> pixels, int size);

  Vec4 bilinear(Point2 p) const {
    const Tap tap = locate(p);
    const Vec4* row = tap.first;
    const Vec4 top = row[0] + (row[1] - row[0]) * broadcast(tap.tx);
    row += stride_;
    const Vec4 bottom = row[0] + (row[1] - row[0]) * broadcast(tap.tx);
    return top + (bottom - top) * broadcast(tap.ty);
  }

  /// Catmull-Rom at each position; may overshoot.
  void bicubic(std::span<const Point2> positions, Vec4* out) const;

 private:
  static constexpr int kPad = 3;
  struct Tap {
    const Vec4* first;  // the neighbour at the upper left
    float tx, ty;
  };

  Tap locate(Point2 p) const {
    // From here on relative to the padded part and at least 1.5, so that truncation is floor.
    float x = p.x - origin_x_;
    float y = p.y - origin_y_;
    x = x > 1.5F ? (x < limit_x_ ? x : limit_x_) : 1.5F;
    y = y > 1.5F ? (y < limit_y_ ? y : limit_y_) : 1.5F;
    const int ix = static_cast<int>(x);
    const int iy = static_cast<int>(y);
    return {pixels_.data() + static_cast<std::ptrdiff_t>(iy) * stride_ + ix,
            x - static_cast<float>(ix), y - static_cast<float>(iy)};
  }

  void set_frame(int x0, int y0, int width, int height);
  void pad(int width, int height);

  std::ptrdiff_t stride_ = 0;
  float origin_x_ = 0, origin_y_ = 0;  // picture position of the padded part's first pixel centre
  float limit_x_ = 0, limit_y_ = 0;
  std::vector<Vec4> pixels_;
};

}  // namespace visema
