#include "mouth_quality.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "statistics.h"

namespace visema::training {
namespace {

constexpr double kShortestSeconds = 1;
constexpr double kStillMouth = 0.004;  // spread of openness below which correlation means nothing
constexpr double kClosedGap = 0.012;

double root_mean_square(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return x.empty() ? 0 : std::sqrt(sum / static_cast<double>(x.size()));
}

}  // namespace

double SpeechQuality::score() const {
  return correlation - 0.3 * std::abs(1 - gain) - 0.5 * lip_distance;
}

nlohmann::ordered_json to_json(const SpeechQuality& q) {
  const auto round = [](double value) { return std::round(value * 1000) / 1000; };
  return {{"openness_correlation", round(q.correlation)},
          {"openness_gain", round(q.gain)},
          {"movement_gain", round(q.movement)},
          {"lip_distance_to_rest", round(q.lip_distance)},
          {"closure", round(q.closure)},
          {"clips", q.clips}};
}

void MouthSums::add(const MouthSums& other) {
  correlation += other.correlation;
  spread += other.spread;
  real_spread += other.real_spread;
  change += other.change;
  real_change += other.real_change;
  distance += other.distance;
  rest_distance += other.rest_distance;
  touching += other.touching;
  apart += other.apart;
  clips += other.clips;
  touching_frames += other.touching_frames;
  apart_frames += other.apart_frames;
}

SpeechQuality MouthSums::quality() const {
  const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0; };
  SpeechQuality q;
  q.clips = clips;
  q.correlation = ratio(correlation, static_cast<double>(clips));
  q.gain = ratio(spread, real_spread);
  q.movement = ratio(change, real_change);
  q.lip_distance = ratio(distance, rest_distance);
  q.closure = ratio(ratio(touching, static_cast<double>(touching_frames)),
                    ratio(apart, static_cast<double>(apart_frames)));
  return q;
}

void MouthMeasure::add(const Frame& frame) {
  if (frame.follows && !said_.empty()) {
    said_change_.push_back(frame.opening - said_.back());
    real_change_.push_back(frame.real_opening - real_.back());
  }
  said_.push_back(frame.opening);
  real_.push_back(frame.real_opening);
  const bool touching = frame.real_opening < kClosedGap;
  (touching ? sums_.touching : sums_.apart) += std::max(0.0, frame.opening);
  ++(touching ? sums_.touching_frames : sums_.apart_frames);
  for (std::size_t p = 0; p < frame.lips.size(); p += 2) {
    const double x = frame.real_lips[p], y = frame.real_lips[p + 1];
    sums_.distance += std::hypot(frame.lips[p] - x, frame.lips[p + 1] - y);
    sums_.rest_distance += std::hypot(x, y);
  }
}

MouthSums MouthMeasure::sums() const {
  if (said_.size() < 3) return {};
  MouthSums sums = sums_;
  sums.spread = std::sqrt(covariance(said_, said_));
  sums.real_spread = std::sqrt(covariance(real_, real_));
  if (sums.real_spread < kStillMouth) return {};
  sums.change = root_mean_square(said_change_);
  sums.real_change = root_mean_square(real_change_);
  sums.correlation = correlation(said_, real_);
  sums.clips = 1;
  return sums;
}

std::vector<std::size_t> choose_clips(const std::vector<std::span<const float>>& times,
                                      std::int64_t most_frames) {
  std::vector<std::size_t> all;
  double frames = 1;
  for (std::size_t c = 0; c < times.size(); ++c) {
    if (times[c].empty() || times[c].back() - times[c].front() < kShortestSeconds) continue;
    all.push_back(c);
    frames += static_cast<double>(times[c].size());
  }
  const double keep = std::min(1.0, static_cast<double>(most_frames) / frames);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto place = static_cast<double>(i);
    if (std::floor((place + 1) * keep) > std::floor(place * keep)) chosen.push_back(all[i]);
  }
  return chosen;
}

}  // namespace visema::training
