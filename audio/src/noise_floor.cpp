#include "noise_floor.h"

#include <algorithm>
#include <cmath>

namespace visema {
namespace {

/// Below any room: white noise at about -77 dB of full scale. Sound below it is always silence.
constexpr float kLowestDb = -92;
constexpr float kLevelSmoothing = 0.8F;
constexpr float kBandSmoothing = 0.85F;
/// The minimum of a smoothed level lies this much below its mean in steady noise.
constexpr float kMinimumBiasDb = 2.5F;
constexpr float kSteadySpreadDb = 7;
constexpr float kTonalRippleDb = 4.5F;
constexpr float kTonalRiseDb = 3.0F / 80;  // a frame: 3 dB a second

}  // namespace

NoiseFloor::NoiseFloor() {
  reset();
}

void NoiseFloor::reset() {
  for (auto& levels : history_) levels.fill(kLowestDb);
  bands_.fill(kLowestDb);
  smoothed_.fill(kLowestDb);
  floor_.fill(kLowestDb);
  newest_ = seen_ = 0;
}

const GroupLevels& NoiseFloor::past(int frames_ago) const {
  return history_[static_cast<std::size_t>(newest_ - frames_ago + kHistoryFrames) % kHistoryFrames];
}

/// Harmonics stand out of their surroundings in the lower bands, up to about 1 kHz.
bool NoiseFloor::is_tonal() const {
  constexpr int kFirst = 6;
  constexpr int kLast = 28;
  constexpr int kReach = 5;
  float sum = 0;
  for (int band = kFirst; band < kLast; ++band) {
    float around = 0;
    for (int other = band - kReach; other <= band + kReach; ++other) around += bands_[other];
    const float ripple = bands_[band] - around / (2 * kReach + 1);
    sum += ripple * ripple;
  }
  return std::sqrt(sum / (kLast - kFirst)) > kTonalRippleDb;
}

bool NoiseFloor::is_steady() const {
  if (seen_ < kSteadyFrames) return false;
  for (int group = 0; group < kGroups; ++group) {
    float lowest = past(0)[group];
    float highest = lowest;
    for (int ago = 1; ago < kSteadyFrames; ++ago) {
      lowest = std::min(lowest, past(ago)[group]);
      highest = std::max(highest, past(ago)[group]);
    }
    if (highest - lowest > kSteadySpreadDb) return false;
  }
  return true;
}

const GroupLevels& NoiseFloor::update(std::span<const float> band_db, const GroupLevels& level_db) {
  for (int band = 0; band < kMelBands; ++band)
    bands_[band] += (1 - kBandSmoothing) * (band_db[band] - bands_[band]);
  for (int group = 0; group < kGroups; ++group)
    smoothed_[group] += (1 - kLevelSmoothing) * (level_db[group] - smoothed_[group]);
  newest_ = (newest_ + 1) % kHistoryFrames;
  history_[newest_] = smoothed_;
  ++seen_;
  seen_ = std::min(seen_, kHistoryFrames);

  const bool tonal = is_tonal();
  const int window = !tonal && is_steady() ? kSteadyFrames : kHistoryFrames;
  for (int group = 0; group < kGroups; ++group) {
    float lowest = smoothed_[group];
    for (int ago = 1; ago < window; ++ago) lowest = std::min(lowest, past(ago)[group]);
    lowest = std::max(lowest + kMinimumBiasDb, kLowestDb);
    floor_[group] = tonal ? std::min(lowest, floor_[group] + kTonalRiseDb) : lowest;
  }
  return floor_;
}

}  // namespace visema
