#include "rgb_to_yuv.h"

#include <algorithm>
#include <cstddef>

#include "matrix.h"

namespace visema::media {
namespace {

constexpr float kRed = kBt709.red;
constexpr float kBlue = kBt709.blue;
constexpr float kGreen = 1 - kRed - kBlue;
constexpr float kLumaScale = 219.0f / 255.0f;
constexpr float kChromaScale = 224.0f / 255.0f;

}  // namespace

RgbToYuv::RgbToYuv(int width, int height)
    : width_(width), height_(height), even_width_(width + width % 2) {
  const auto size = static_cast<std::size_t>(even_width_);
  for (Row& row : rows_) {
    row.red.resize(size);
    row.green.resize(size);
    row.blue.resize(size);
  }
  cb_.resize(size + 1);
  cr_.resize(size + 1);
}

void RgbToYuv::split(const Image& image, int y, Row& row) const {
  const std::uint8_t* in = image.at(0, std::min(y, height_ - 1));
  for (int x = 0; x < width_; ++x) {
    row.red[x] = in[3 * x];
    row.green[x] = in[3 * x + 1];
    row.blue[x] = in[3 * x + 2];
  }
  if (even_width_ == width_) return;
  row.red[width_] = row.red[width_ - 1];
  row.green[width_] = row.green[width_ - 1];
  row.blue[width_] = row.blue[width_ - 1];
}

void RgbToYuv::write_luma(const Row& row, std::uint8_t* __restrict out) const {
  const float* red = row.red.data();
  const float* green = row.green.data();
  const float* blue = row.blue.data();
  for (int x = 0; x < even_width_; ++x) {
    const float luma = kRed * red[x] + kGreen * green[x] + kBlue * blue[x];
    out[x] = static_cast<std::uint8_t>(static_cast<int>(luma * kLumaScale + 16.5f));
  }
}

void RgbToYuv::write_chroma(const Row& upper, const Row& lower, std::uint8_t* __restrict u,
                            std::uint8_t* __restrict v) {
  // Both rows and the weights 1 2 1 of the columns: eight samples.
  constexpr float to_u = kChromaScale / (2 * (1 - kBlue)) / 8;
  constexpr float to_v = kChromaScale / (2 * (1 - kRed)) / 8;
  float* cb = cb_.data() + 1;
  float* cr = cr_.data() + 1;
  for (int x = 0; x < even_width_; ++x) {
    const float red = upper.red[x] + lower.red[x];
    const float green = upper.green[x] + lower.green[x];
    const float blue = upper.blue[x] + lower.blue[x];
    const float luma = kRed * red + kGreen * green + kBlue * blue;
    cb[x] = (blue - luma) * to_u;
    cr[x] = (red - luma) * to_v;
  }
  cb[-1] = cb[0];
  cr[-1] = cr[0];
  for (int x = 0; x < even_width_; x += 2) {
    u[x / 2] =
        static_cast<std::uint8_t>(static_cast<int>(cb[x - 1] + 2 * cb[x] + cb[x + 1] + 128.5f));
    v[x / 2] =
        static_cast<std::uint8_t>(static_cast<int>(cr[x - 1] + 2 * cr[x] + cr[x + 1] + 128.5f));
  }
}

void RgbToYuv::convert(const Image& image, AVFrame& frame) {
  const int even_height = height_ + height_ % 2;
  for (int y = 0; y < even_height; y += 2) {
    for (int k = 0; k < 2; ++k) {
      split(image, y + k, rows_[k]);
      write_luma(rows_[k], frame.data[0] + std::ptrdiff_t{y + k} * frame.linesize[0]);
    }
    write_chroma(rows_[0], rows_[1], frame.data[1] + std::ptrdiff_t{y / 2} * frame.linesize[1],
                 frame.data[2] + std::ptrdiff_t{y / 2} * frame.linesize[2]);
  }
}

}  // namespace visema::media
