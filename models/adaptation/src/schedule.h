#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace visema::training {

/// A budget of minutes, of steps, or of both (whichever ends first); 0: no limit of that kind.
struct Budget {
  double minutes = 0;
  std::int64_t steps = 0;

  /// Share of the budget that is used up.
  double fraction(double minutes_done, std::int64_t steps_done) const {
    const double by_time = minutes > 0 ? minutes_done / minutes : 0;
    const double by_steps =
        steps > 0 ? static_cast<double>(steps_done) / static_cast<double>(steps) : 0;
    return std::max(by_time, by_steps);
  }
};

/// Cosine from 1 to 0.01 over the budget, after a linear warm-up.
inline double rate_factor(double fraction, std::int64_t step, std::int64_t warmup_steps) {
  const double cosine = 0.5 + 0.5 * std::cos(std::numbers::pi * std::clamp(fraction, 0.0, 1.0));
  const double warmup =
      std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup_steps));
  return warmup * (0.01 + 0.99 * cosine);
}

/// Minutes of training, those of earlier runs included. Between two questions at most a minute
/// counts, so that a machine that sleeps meanwhile does not use the budget up: ask every step.
class TrainClock {
 public:
  explicit TrainClock(double minutes_before)
      : last_(std::chrono::steady_clock::now()), minutes_(minutes_before) {}

  double minutes() const {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::ratio<60>> passed = now - last_;
    minutes_ += std::min(passed.count(), 1.0);
    last_ = now;
    return minutes_;
  }

 private:
  mutable std::chrono::steady_clock::time_point last_;
  mutable double minutes_;
};

}  // namespace visema::training
