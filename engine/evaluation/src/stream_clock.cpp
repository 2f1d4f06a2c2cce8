#include "visema/evaluation/stream_clock.h"

#include <cmath>
#include <cstdlib>
#include <utility>

#include "median.h"

namespace visema {
namespace {

constexpr int kSameLevel = 2;          // 8-bit levels that a pixel may differ
constexpr double kSameShare = 0.9998;  // of the pixels looked at
constexpr std::size_t kStride = 7;     // bytes; every seventh is looked at
constexpr double kGap = 1.5;           // of a step

}  // namespace

bool is_repeated(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.empty()) return false;
  const std::size_t looked = (a.rgb.size() + kStride - 1) / kStride;
  const auto allowed = static_cast<std::size_t>((1 - kSameShare) * static_cast<double>(looked));
  std::size_t different = 0;
  for (std::size_t i = 0; i < a.rgb.size(); i += kStride)
    if (std::abs(static_cast<int>(a.rgb[i]) - static_cast<int>(b.rgb[i])) > kSameLevel &&
        ++different > allowed)
      return false;
  return true;
}

void StreamClock::push(double time_s, std::shared_ptr<const Image> image) {
  if (frames_ == 0) {
    first_time_s_ = time_s;
  } else {
    steps_.push_back(static_cast<float>(time_s - last_time_s_));
    if (is_repeated(*last_image_, *image)) ++repeated_;
  }
  last_time_s_ = time_s;
  last_image_ = std::move(image);
  ++frames_;
}

StreamClock::Result StreamClock::result() const {
  Result result;
  result.repeated = repeated_;
  if (steps_.empty()) return result;
  const double step = median(steps_);
  for (const float s : steps_)
    if (s > kGap * step) result.dropped += std::lround(s / step) - 1;
  // Times in files are rounded to milliseconds and the like; the whole length is exact.
  const double whole = last_time_s_ - first_time_s_;
  result.fps = static_cast<double>(frames_ - 1 + result.dropped) / whole;
  result.duration_s = whole + 1 / result.fps;
  return result;
}

}  // namespace visema
