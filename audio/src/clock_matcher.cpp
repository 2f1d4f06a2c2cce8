#include "clock_matcher.h"

#include <algorithm>
#include <cmath>

namespace visema {
namespace {

constexpr double kWindowSeconds = 2;
constexpr double kWantedSeconds = 0.02;
constexpr double kMostChange = 0.005;
// For each second that too much waits, at once and added up: settled within a minute.
constexpr double kProportional = 0.1;
constexpr double kIntegral = 0.005;

}  // namespace

void ClockMatcher::push(std::span<const float> samples) {
  if (samples_.empty() && !samples.empty()) samples_.push_back(samples.front());
  samples_.insert(samples_.end(), samples.begin(), samples.end());
}

std::size_t ClockMatcher::available() const {
  const double usable = static_cast<double>(samples_.size()) - 2 - position_;
  return usable <= 0 ? 0 : static_cast<std::size_t>(usable / speed_);
}

std::size_t ClockMatcher::read(std::span<float> out) {
  const std::size_t count = std::min(out.size(), available());
  const double begin = position_;
  for (std::size_t i = 0; i < count; ++i) out[i] = at(begin + static_cast<double>(i) * speed_);
  position_ = begin + static_cast<double>(count) * speed_;
  const auto past = static_cast<std::size_t>(position_) - 1;
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(past));
  position_ -= static_cast<double>(past);
  watch(count);
  return count;
}

/// Catmull-Rom spline through the four samples around the position.
float ClockMatcher::at(double position) const {
  const auto index = static_cast<std::size_t>(position);
  const auto t = static_cast<float>(position - static_cast<double>(index));
  const float* s = &samples_[index - 1];
  const float a = 3 * (s[1] - s[2]) + s[3] - s[0];
  const float b = 2 * s[0] - 5 * s[1] + 4 * s[2] - s[3];
  return s[1] + 0.5F * t * (s[2] - s[0] + t * (b + t * a));
}

void ClockMatcher::watch(std::size_t read) {
  least_ = watched_ == 0 ? available() : std::min(least_, available());
  watched_ += read;
  if (static_cast<double>(watched_) < kWindowSeconds * rate_hz_) return;
  const double excess_s = static_cast<double>(least_) / rate_hz_ - kWantedSeconds;
  drift_ = std::clamp(drift_ + kIntegral * excess_s, -kMostChange, kMostChange);
  speed_ = 1 + std::clamp(drift_ + kProportional * excess_s, -kMostChange, kMostChange);
  watched_ = 0;
}

void ClockMatcher::clear() {
  samples_.clear();
  position_ = 1;
  watched_ = 0;
}

}  // namespace visema
