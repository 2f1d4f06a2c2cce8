#include "life_events.h"

#include <algorithm>
#include <cmath>

namespace visema {
namespace {

enum Channel : std::uint32_t {
  kBlinkInterval = 100,
  kBlinkDuration,
  kFixation,
  kGazeX,
  kGazeY,
};

constexpr double kBlinkMean = 3.5;    // seconds
constexpr double kBlinkSpread = 0.5;  // of the logarithm
constexpr double kFirstBlink = 1.0;
constexpr double kShortest = 0.6;
constexpr double kClosingShare = 0.35;
constexpr double kShutShare = 0.10;
constexpr double kSaccade = 0.045;  // seconds
constexpr double kGazeLimit = 0.02;

double smoothstep(double t) {
  t = std::clamp(t, 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

}  // namespace

EventTrain::Event EventTrain::last_before(double time_s) {
  if (time_s < current_.start_s || next_.number < 0) {
    current_ = {};
    next_ = {0, interval(0)};
  }
  while (next_.start_s <= time_s) {
    current_ = next_;
    next_ = {current_.number + 1, current_.start_s + interval(current_.number + 1)};
  }
  return current_;
}

double BlinkTrain::interval(std::int64_t number) const {
  const double middle = std::log(kBlinkMean) - kBlinkSpread * kBlinkSpread / 2;
  const double drawn = std::exp(middle + kBlinkSpread * random_.normal(kBlinkInterval, number));
  return std::max(number == 0 ? kFirstBlink : kShortest, drawn);
}

float BlinkTrain::closure(double time_s) {
  const Event blink = last_before(time_s);
  if (blink.number < 0) return 0;
  const double duration = 0.15 + 0.10 * random_.uniform(kBlinkDuration, blink.number);
  const double t = (time_s - blink.start_s) / duration;
  if (t >= 1) return 0;
  if (t < kClosingShare) return static_cast<float>(smoothstep(t / kClosingShare));
  const double opening = (t - kClosingShare - kShutShare) / (1 - kClosingShare - kShutShare);
  return static_cast<float>(1 - smoothstep(opening));
}

double GazeTrain::interval(std::int64_t number) const {
  return 0.6 + 2.2 * random_.uniform(kFixation, number);
}

Point2 GazeTrain::target(std::int64_t number) const {
  if (number < 0) return {};
  // Every second fixation comes back to the viewer.
  if (number % 2 == 1) return {};
  const double x = 0.009 * random_.normal(kGazeX, number);
  const double y = 0.004 * random_.normal(kGazeY, number);
  const double scale = std::min(1.0, kGazeLimit / std::max(1e-9, std::hypot(x, y)));
  return {static_cast<float>(x * scale), static_cast<float>(y * scale)};
}

Point2 GazeTrain::shift(double time_s) {
  const Event fixation = last_before(time_s);
  if (fixation.number < 0) return {};
  const Point2 from = target(fixation.number - 1);
  const Point2 to = target(fixation.number);
  const auto t = static_cast<float>(smoothstep((time_s - fixation.start_s) / kSaccade));
  return {from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t};
}

}  // namespace visema
