#pragma once

#include "handles.h"
#include "visema/core/image.h"

namespace visema::media {

/// Turns decoded frames of any pixel format into RGB pictures of a given size. Plain 8-bit planar
/// formats go straight to yuv_to_rgb, others through swscale to a format that does, without a
/// change of matrix or range; keeps the scaler between frames.
class RgbConverter {
 public:
  /// Throws Error(kInput) for a pixel format that swscale does not read.
  Image convert(const AVFrame& frame, int width, int height);

 private:
  void prepare(const AVFrame& frame, AVPixelFormat format, int width, int height);
  Image rescale_to_rgb(const AVFrame& frame, AVPixelFormat format, int width, int height);
  Image rescale_to_planes(const AVFrame& frame, AVPixelFormat format, int width, int height);

  SwsPtr sws_;
  int key_[6] = {};
};

}  // namespace visema::media
