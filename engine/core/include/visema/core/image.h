#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "visema/core/time.h"

namespace visema {

/// RGB picture, 8 bits a channel, interleaved, rows packed, full range. Pixel (x, y) has its centre
/// at (x + 0.5, y + 0.5) in picture coordinates.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  // height * width * 3

  Image() = default;
  Image(int w, int h) : width(w), height(h), rgb(static_cast<std::size_t>(w) * h * 3) {}
  bool empty() const { return rgb.empty(); }
  std::uint8_t* at(int x, int y) { return &rgb[(static_cast<std::size_t>(y) * width + x) * 3]; }
  const std::uint8_t* at(int x, int y) const {
    return &rgb[(static_cast<std::size_t>(y) * width + x) * 3];
  }
};

/// A picture and its place in the stream it belongs to.
struct VideoFrame {
  FrameIndex index = 0;
  double time_s = 0;  // presentation time from the start of the stream
  Image image;
};

/// Sound, interleaved float samples in -1..1 (not clipped).
struct AudioBlock {
  SampleIndex first = 0;  // absolute index of the first sample of each channel
  int rate_hz = 16000;
  int channels = 1;
  std::vector<float> samples;  // frames * channels
  SampleIndex size() const { return static_cast<SampleIndex>(samples.size()) / channels; }
};

}  // namespace visema
