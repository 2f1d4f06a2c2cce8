#include "yuv_to_rgb.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace visema::media {
namespace {

/// Factors of 16-bit products whose upper halves add up to 1/32 levels: luma (128ths of a level)
/// times 2^14, chroma (256ths of a level, around 0) times 2^13.
struct Factors {
  std::int16_t luma;
  std::int16_t red_v;
  std::int16_t green_u;
  std::int16_t green_v;
  std::int16_t blue_u;
  std::int16_t offset;  // 32nds of a level; black and rounding
};

std::int16_t fixed(float value, int bits) {
  return static_cast<std::int16_t>(std::lround(value * static_cast<float>(1 << bits)));
}

// ITU-T H.273, 8.3: E'Y and E'P from coded values, then R = Y + 2 (1 - Kr) V and so on.
Factors factors_of(const YuvPicture& picture) {
  const float kr = picture.weights.red;
  const float kb = picture.weights.blue;
  const float kg = 1 - kr - kb;
  const float luma = picture.full_range ? 1.0f : 255.0f / 219.0f;
  const float chroma = picture.full_range ? 1.0f : 255.0f / 224.0f;
  const float black = picture.full_range ? 0.0f : 16.0f;
  Factors f{};
  f.luma = fixed(luma, 14);
  f.red_v = fixed(2 * (1 - kr) * chroma, 13);
  f.blue_u = fixed(2 * (1 - kb) * chroma, 13);
  f.green_u = fixed(-2 * (1 - kb) * kb / kg * chroma, 13);
  f.green_v = fixed(-2 * (1 - kr) * kr / kg * chroma, 13);
  f.offset = fixed(0.5f - luma * black + 1.0f / 32, 5);  // a 32nd for what the products cut off
  return f;
}

/// Chroma of one picture row at full width, in sixteenths of a level.
class ChromaRow {
 public:
  ChromaRow(const YuvPicture& picture, int plane)
      : picture_(picture),
        plane_(plane),
        width_(picture.half_width ? (picture.width + 1) / 2 : picture.width),
        height_(picture.half_height ? (picture.height + 1) / 2 : picture.height),
        blended_(static_cast<std::size_t>(width_) + 2),
        full_(static_cast<std::size_t>(2 * width_)) {}

  const std::uint16_t* at(int y) {
    blend_rows(y);
    if (picture_.half_width) {
      widen();
    } else {
      for (int x = 0; x < width_; ++x) full_[x] = static_cast<std::uint16_t>(4 * blended_[x + 1]);
    }
    return full_.data();
  }

 private:
  const std::uint8_t* row(int y) const {
    return picture_.planes[plane_] + std::clamp(y, 0, height_ - 1) * picture_.strides[plane_];
  }

  /// blended_[1 + x] = the column's chroma in quarters; one more on either side repeats the edge.
  void blend_rows(int y) {
    const std::uint8_t* near = row(y);
    const std::uint8_t* far = near;
    int near_weight = 4;
    if (picture_.half_height) {
      near = row(y / 2);
      const bool odd = y % 2 != 0;
      if (picture_.vertical == Siting::kBetween) {
        far = row(odd ? y / 2 + 1 : y / 2 - 1);
        near_weight = 3;
      } else if (odd) {
        far = row(y / 2 + 1);
        near_weight = 2;
      }
    }
    const int far_weight = 4 - near_weight;
    std::uint16_t* out = blended_.data() + 1;
    for (int x = 0; x < width_; ++x)
      out[x] = static_cast<std::uint16_t>(near_weight * near[x] + far_weight * far[x]);
    blended_.front() = out[0];
    blended_.back() = out[width_ - 1];
  }

  void widen() {
    const std::uint16_t* in = blended_.data() + 1;
    if (picture_.horizontal == Siting::kFirst) {
      for (int x = 0; x < width_; ++x) {
        full_[2 * x] = static_cast<std::uint16_t>(4 * in[x]);
        full_[2 * x + 1] = static_cast<std::uint16_t>(2 * (in[x] + in[x + 1]));
      }
    } else {
      for (int x = 0; x < width_; ++x) {
        full_[2 * x] = static_cast<std::uint16_t>(3 * in[x] + in[x - 1]);
        full_[2 * x + 1] = static_cast<std::uint16_t>(3 * in[x] + in[x + 1]);
      }
    }
  }

  const YuvPicture& picture_;
  int plane_;
  int width_;
  int height_;
  std::vector<std::uint16_t> blended_;
  std::vector<std::uint16_t> full_;
};

/// Upper half of a product.
std::int16_t upper(std::int16_t a, std::int16_t b) {
  return static_cast<std::int16_t>((static_cast<int>(a) * b) >> 16);
}

std::uint8_t level(std::int16_t value) {
  const auto whole = static_cast<std::int16_t>(value >> 5);
  return static_cast<std::uint8_t>(std::min<std::int16_t>(std::max<std::int16_t>(whole, 0), 255));
}

void convert_row(const Factors& factors, int width, const std::uint8_t* __restrict y,
                 const std::uint16_t* __restrict u, const std::uint16_t* __restrict v,
                 std::uint8_t* __restrict red, std::uint8_t* __restrict green,
                 std::uint8_t* __restrict blue) {
  const Factors f = factors;
  for (int x = 0; x < width; ++x) {
    const auto luma =
        static_cast<std::int16_t>(upper(static_cast<std::int16_t>(y[x] << 7), f.luma) + f.offset);
    const auto cb = static_cast<std::int16_t>((u[x] - 2048) * 16);
    const auto cr = static_cast<std::int16_t>((v[x] - 2048) * 16);
    red[x] = level(static_cast<std::int16_t>(luma + upper(cr, f.red_v)));
    green[x] = level(static_cast<std::int16_t>(luma + upper(cb, f.green_u) + upper(cr, f.green_v)));
    blue[x] = level(static_cast<std::int16_t>(luma + upper(cb, f.blue_u)));
  }
}

void interleave(int width, const std::uint8_t* red, const std::uint8_t* green,
                const std::uint8_t* blue, std::uint8_t* __restrict out) {
  for (int x = 0; x < width; ++x) {
    out[3 * x] = red[x];
    out[3 * x + 1] = green[x];
    out[3 * x + 2] = blue[x];
  }
}

Image grey_to_rgb(const YuvPicture& picture, const Factors& f) {
  Image image(picture.width, picture.height);
  std::uint8_t levels[256];
  for (int i = 0; i < 256; ++i)
    levels[i] = level(
        static_cast<std::int16_t>(upper(static_cast<std::int16_t>(i << 7), f.luma) + f.offset));
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* row = picture.planes[0] + y * picture.strides[0];
    std::uint8_t* out = image.at(0, y);
    for (int x = 0; x < picture.width; ++x) std::fill_n(out + 3 * x, 3, levels[row[x]]);
  }
  return image;
}

}  // namespace

Image yuv_to_rgb(const YuvPicture& picture) {
  const Factors factors = factors_of(picture);
  if (picture.planes[1] == nullptr) return grey_to_rgb(picture, factors);
  Image image(picture.width, picture.height);
  ChromaRow u(picture, 1);
  ChromaRow v(picture, 2);
  const auto width = static_cast<std::size_t>(picture.width);
  std::vector<std::uint8_t> planes(3 * width);
  std::uint8_t* red = planes.data();
  std::uint8_t* green = red + width;
  std::uint8_t* blue = green + width;
  for (int y = 0; y < picture.height; ++y) {
    convert_row(factors, picture.width, picture.planes[0] + y * picture.strides[0], u.at(y),
                v.at(y), red, green, blue);
    interleave(picture.width, red, green, blue, image.at(0, y));
  }
  return image;
}

}  // namespace visema::media
