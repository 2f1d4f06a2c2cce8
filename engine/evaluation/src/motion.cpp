#include "visema/evaluation/motion.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace visema {
namespace {

constexpr double kShortest = 5;         // seconds for a rate of blinks
constexpr float kShut = 0.6F;           // of the person's own open eye
constexpr float kLongestBlink = 0.5F;   // seconds; longer is a closed eye
constexpr float kBetweenBlinks = 0.1F;  // seconds
constexpr double kSmoothS = 0.2;        // head speed is taken over so long
constexpr double kDegrees = 180 / std::numbers::pi;

}  // namespace

void LifeSigns::push(double time_s, float eye_aspect, float pitch, float yaw, float roll) {
  frames_.push_back({static_cast<float>(time_s), eye_aspect, pitch, yaw, roll});
}

std::optional<LifeSigns::Result> LifeSigns::result() const {
  if (frames_.size() < 3) return std::nullopt;
  Result result;
  const double length = frames_.back().time_s - frames_.front().time_s;
  if (length >= kShortest) {
    std::vector<float> eyes;
    for (const Frame& f : frames_) eyes.push_back(f.eye);
    const auto upper = eyes.begin() + static_cast<std::ptrdiff_t>(eyes.size() * 3 / 4);
    std::nth_element(eyes.begin(), upper, eyes.end());
    const float shut = kShut * *upper;
    int blinks = 0;
    float last_end = -1e9F;
    for (std::size_t i = 0; i < frames_.size();) {
      if (frames_[i].eye >= shut) {
        ++i;
        continue;
      }
      const float begin = frames_[i].time_s;
      while (i < frames_.size() && frames_[i].eye < shut) ++i;
      const float end = frames_[std::min(i, frames_.size() - 1)].time_s;
      if (end - begin <= kLongestBlink && begin - last_end >= kBetweenBlinks) ++blinks;
      last_end = end;
    }
    result.blinks_per_minute = blinks / length * 60;
  }

  double pitch = 0, yaw = 0, roll = 0;
  for (const Frame& f : frames_) pitch += f.pitch, yaw += f.yaw, roll += f.roll;
  const double n = static_cast<double>(frames_.size());
  double spread = 0;
  for (const Frame& f : frames_)
    spread += std::pow(f.pitch - pitch / n, 2) + std::pow(f.yaw - yaw / n, 2) +
              std::pow(f.roll - roll / n, 2);
  result.head_rotation_deg = std::sqrt(spread / n) * kDegrees;

  double path = 0, time = 0;
  for (std::size_t i = 0, j = 0; j < frames_.size(); ++j) {
    if (frames_[j].time_s - frames_[i].time_s < kSmoothS) continue;
    const Frame& a = frames_[i];
    const Frame& b = frames_[j];
    path += std::hypot(b.pitch - a.pitch, b.yaw - a.yaw, b.roll - a.roll);
    time += b.time_s - a.time_s;
    i = j;
  }
  if (time > 0) result.head_speed_deg_per_s = path / time * kDegrees;
  return result;
}

}  // namespace visema
