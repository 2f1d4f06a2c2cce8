#pragma once

#include <cstdint>

#include "handles.h"
#include "visema/core/image.h"

namespace visema::media {

/// Copies `layout`, or the usual layout for its channel count where it names no speakers.
void named_layout(AVChannelLayout& out, const AVChannelLayout& layout);

/// Turns decoded sound of any sample format into interleaved float of a fixed channel count.
class SampleConverter {
 public:
  explicit SampleConverter(int channels);
  ~SampleConverter();
  SampleConverter(const SampleConverter&) = delete;
  SampleConverter& operator=(const SampleConverter&) = delete;

  /// At the frame's own rate; `first` is 0. Values that are not finite become 0 in `frame` too.
  AudioBlock convert(AVFrame& frame);
  std::int64_t non_finite() const { return non_finite_; }

 private:
  void prepare(const AVFrame& frame);

  int channels_;
  SwrPtr swr_;
  AVChannelLayout in_layout_{};
  int in_format_ = -1;
  std::int64_t non_finite_ = 0;
};

}  // namespace visema::media
