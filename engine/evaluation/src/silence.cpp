#include "visema/evaluation/silence.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace visema {
namespace {

constexpr double kRate = 80;            // mel frames a second
constexpr std::ptrdiff_t kAround = 12;  // mel frames: 150 ms
constexpr double kFewestSeconds = 0.3;

/// Whether each mel frame lies in silence, at least kAround from speech.
std::vector<bool> silent_frames(std::span<const float> speech) {
  const auto count = static_cast<std::ptrdiff_t>(speech.size());
  std::vector<bool> silent(speech.size(), true);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    if (speech[i] <= 0.5F) continue;
    const auto end = std::min(count, i + kAround + 1);
    for (auto j = std::max<std::ptrdiff_t>(0, i - kAround); j < end; ++j) silent[j] = false;
  }
  return silent;
}

}  // namespace

SilenceResult measure_silence(std::span<const float> speech, const Curve& openness) {
  const std::vector<bool> silent = silent_frames(speech);
  SilenceResult result;
  std::int64_t frames = 0;
  std::int64_t open = 0;
  for (std::size_t i = 0; i < openness.time_s.size(); ++i) {
    const double at = openness.time_s[i] * kRate;
    if (at < 0 || at >= static_cast<double>(silent.size()) || !silent[static_cast<std::size_t>(at)])
      continue;
    ++frames;
    open += openness.value[i] > kMouthOpen ? 1 : 0;
    if (openness.value[i] > result.worst) {
      result.worst = openness.value[i];
      result.worst_time_s = openness.time_s[i];
    }
    if (i > 0) result.seconds += std::min(0.1F, openness.time_s[i] - openness.time_s[i - 1]);
  }
  if (result.seconds >= kFewestSeconds)
    result.open_percent = 100 * static_cast<double>(open) / static_cast<double>(frames);
  return result;
}

}  // namespace visema
