#include "float_picture.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "simd_clones.h"

namespace visema {
namespace {

/// Four neighbours of a row.
typedef float Vec16 __attribute__((vector_size(64)));

/// Catmull-Rom weights of the neighbours at -1, 0, 1, 2.
inline std::array<float, 4> cubic(float t) {
  return {((-0.5F * t + 1.0F) * t - 0.5F) * t, (1.5F * t - 2.5F) * t * t + 1.0F,
          ((-1.5F * t + 2.0F) * t + 0.5F) * t, (0.5F * t - 0.5F) * t * t};
}

/// What locate() needs, apart from the object.
struct Frame {
  const Vec4* pixels;
  std::ptrdiff_t stride;
  float origin_x, origin_y, limit_x, limit_y;
};

VISEMA_SIMD_CLONES void sample_bicubic(const Frame& frame, const Point2* positions,
                                       std::size_t count, Vec4* out) {
  for (std::size_t i = 0; i < count; ++i) {
    float x = positions[i].x - frame.origin_x;
    float y = positions[i].y - frame.origin_y;
    x = x > 1.5F ? (x < frame.limit_x ? x : frame.limit_x) : 1.5F;
    y = y > 1.5F ? (y < frame.limit_y ? y : frame.limit_y) : 1.5F;
    const int ix = static_cast<int>(x);
    const int iy = static_cast<int>(y);
    const auto wx = cubic(x - static_cast<float>(ix));
    const auto wy = cubic(y - static_cast<float>(iy));
    const Vec4* row = frame.pixels + (iy - 1) * frame.stride + ix - 1;
    Vec16 column{};
    for (int j = 0; j < 4; ++j, row += frame.stride) {
      Vec16 four;
      std::memcpy(&four, row, sizeof four);
      column += four * wy[j];
    }
    Vec4 part[4];
    std::memcpy(part, &column, sizeof part);
    out[i] = part[0] * wx[0] + part[1] * wx[1] + part[2] * wx[2] + part[3] * wx[3];
  }
}

}  // namespace

void FloatPicture::bicubic(std::span<const Point2> positions, Vec4* out) const {
  sample_bicubic({pixels_.data(), stride_, origin_x_, origin_y_, limit_x_, limit_y_},
                 positions.data(), positions.size(), out);
}

FloatPicture::FloatPicture(const Image& picture, PixelBox box) {
  box = box.intersect({0, 0, picture.width, picture.height});
  if (box.empty()) {
    set_frame(0, 0, 1, 1);
    return;
  }
  set_frame(box.x0, box.y0, box.width(), box.height());
  for (int y = 0; y < box.height(); ++y) {
    const std::uint8_t* from = picture.at(box.x0, box.y0 + y);
    Vec4* to = &pixels_[(y + kPad) * stride_ + kPad];
    for (int x = 0; x < box.width(); ++x, from += 3)
      to[x] = Vec4{static_cast<float>(from[0]), static_cast<float>(from[1]),
                   static_cast<float>(from[2]), 0};
  }
  pad(box.width(), box.height());
}

FloatPicture::FloatPicture(const Image& picture)
    : FloatPicture(picture, {0, 0, picture.width, picture.height}) {}

FloatPicture::FloatPicture(std::span<const float> planes, int size) {
  set_frame(0, 0, size, size);
  const std::size_t plane = static_cast<std::size_t>(size) * size;
  for (int y = 0; y < size; ++y) {
    const float* from = planes.data() + static_cast<std::size_t>(y) * size;
    Vec4* to = &pixels_[(y + kPad) * stride_ + kPad];
    for (int x = 0; x < size; ++x)
      to[x] = Vec4{from[x], from[plane + x], from[2 * plane + x], from[3 * plane + x]};
  }
  pad(size, size);
}

FloatPicture::FloatPicture(std::span<const Vec4> pixels, int size) {
  set_frame(0, 0, size, size);
  for (int y = 0; y < size; ++y)
    std::copy_n(pixels.begin() + static_cast<std::ptrdiff_t>(y) * size, size,
                &pixels_[(y + kPad) * stride_ + kPad]);
  pad(size, size);
}

void FloatPicture::set_frame(int x0, int y0, int width, int height) {
  stride_ = width + 2 * kPad;
  origin_x_ = static_cast<float>(x0 - kPad) + 0.5F;
  origin_y_ = static_cast<float>(y0 - kPad) + 0.5F;
  limit_x_ = static_cast<float>(width + kPad) - 0.5F;
  limit_y_ = static_cast<float>(height + kPad) - 0.5F;
  pixels_.assign(static_cast<std::size_t>(stride_) * (height + 2 * kPad), broadcast(0));
}

void FloatPicture::pad(int width, int height) {
  for (int y = kPad; y < height + kPad; ++y) {
    Vec4* row = &pixels_[y * stride_];
    std::fill(row, row + kPad, row[kPad]);
    std::fill(row + kPad + width, row + stride_, row[kPad + width - 1]);
  }
  const auto row = [&](int y) { return pixels_.begin() + y * stride_; };
  for (int y = 0; y < kPad; ++y) {
    std::copy_n(row(kPad), stride_, row(y));
    std::copy_n(row(kPad + height - 1), stride_, row(kPad + height + y));
  }
}

}  // namespace visema
