#include "visema/evaluation/silence.h"

#include <algorithm>
#include <cstdint>

namespace visema {
namespace {

constexpr double kRate = 80;            // mel frames a second
constexpr std::ptrdiff_t kAround = 12;  // mel frames: 150 ms
constexpr double kFewestSeconds = 0.3;

}  // namespace

SilentTimes::SilentTimes(std::span<const float> speech) : silent_(speech.size(), true) {
  const auto count = static_cast<std::ptrdiff_t>(speech.size());
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    if (speech[i] <= 0.5F) continue;
    const auto end = std::min(count, i + kAround + 1);
    for (auto j = std::max<std::ptrdiff_t>(0, i - kAround); j < end; ++j) silent_[j] = false;
  }
}

bool SilentTimes::contains(double time_s) const {
  const double at = time_s * kRate;
  return at >= 0 && at < static_cast<double>(silent_.size()) &&
         silent_[static_cast<std::size_t>(at)];
}

SilenceResult measure_silence(std::span<const float> speech, const Curve& openness) {
  const SilentTimes silence(speech);
  SilenceResult result;
  std::int64_t frames = 0;
  std::int64_t open = 0;
  for (std::size_t i = 0; i < openness.time_s.size(); ++i) {
    if (!silence.contains(openness.time_s[i])) continue;
    ++frames;
    open += openness.value[i] > kMouthOpen ? 1 : 0;
    if (i > 0) result.seconds += std::min(0.1F, openness.time_s[i] - openness.time_s[i - 1]);
  }
  if (result.seconds >= kFewestSeconds)
    result.open_percent = 100 * static_cast<double>(open) / static_cast<double>(frames);
  return result;
}

}  // namespace visema
