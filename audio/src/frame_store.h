#pragma once

#include <algorithm>
#include <cassert>
#include <span>
#include <vector>

#include "visema/core/time.h"

namespace visema {

/// Frames of `width` floats addressed by their absolute index; the oldest can be dropped.
class FrameStore {
 public:
  FrameStore(std::size_t width, float outside) : width_(width), outside_(outside) {}

  FrameIndex end() const { return end_; }

  /// Room for one more frame, all zero.
  std::span<float> append() {
    ++end_;
    values_.resize(values_.size() + width_);
    return std::span(values_).last(width_);
  }

  /// Frames outside [0, end) read as the `outside` value.
  void copy(FrameIndex first, FrameIndex count, float* out) const {
    for (FrameIndex frame = first; frame < first + count; ++frame, out += width_) {
      if (frame < 0 || frame >= end_) {
        std::fill_n(out, width_, outside_);
      } else {
        assert(frame >= dropped_ && "the frame was dropped");
        std::copy_n(values_.data() + static_cast<std::size_t>(frame - stored_) * width_, width_,
                    out);
      }
    }
  }

  void drop_before(FrameIndex frame) {
    dropped_ = std::clamp(frame, dropped_, end_);
    const auto unused = static_cast<std::size_t>(dropped_ - stored_) * width_;
    if (2 * unused < values_.size())
      return;  // moving half of the frames at most as often as adding
    values_.erase(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(unused));
    stored_ = dropped_;
  }

  void clear() {
    values_.clear();
    stored_ = dropped_ = end_ = 0;
  }

 private:
  std::size_t width_;
  float outside_;
  FrameIndex stored_ = 0;   // index of the first frame in values_
  FrameIndex dropped_ = 0;  // frames before it may not be read
  FrameIndex end_ = 0;
  std::vector<float> values_;
};

}  // namespace visema
