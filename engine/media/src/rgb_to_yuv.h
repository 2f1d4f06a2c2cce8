#pragma once

#include <cstdint>
#include <vector>

#include "visema/core/image.h"

struct AVFrame;

namespace visema::media {

/// Turns RGB pictures into 8-bit 4:2:0, BT.709, limited range, chroma sited left. Odd sizes grow by
/// repeating the last column or row.
class RgbToYuv {
 public:
  RgbToYuv(int width, int height);
  /// `frame` has yuv420p buffers of the even size.
  void convert(const Image& image, AVFrame& frame);

 private:
  struct Row {
    std::vector<float> red, green, blue;
  };
  void split(const Image& image, int y, Row& row) const;
  void write_luma(const Row& row, std::uint8_t* out) const;
  void write_chroma(const Row& upper, const Row& lower, std::uint8_t* u, std::uint8_t* v);

  int width_;
  int height_;
  int even_width_;
  Row rows_[2];
  std::vector<float> cb_, cr_;  // one more in front
};

}  // namespace visema::media
