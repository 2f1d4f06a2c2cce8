#include "visema/audio/voice_activity.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>

#include "frame_store.h"
#include "noise_floor.h"

namespace visema {
namespace {

constexpr int kLookAheadFrames = 2;
constexpr int kHangoverFrames = 10;           // 125 ms
constexpr float kReleasePerFrame = 1.0F / 8;  // 100 ms from 1 to 0
constexpr float kQuietDb = 4;                 // over the floor: surely no speech below
constexpr float kLoudDb = 8;                  // surely speech above
constexpr int kLoudestGroups = 2;

/// LogMel's -4..4 to dB.
float to_db(float value) {
  return (value - 4) * 12.5F;
}

/// Smooth step from 0 at kQuietDb to 1 at kLoudDb.
float speech_probability(float excess_db) {
  const float x = std::clamp((excess_db - kQuietDb) / (kLoudDb - kQuietDb), 0.0F, 1.0F);
  return x * x * (3 - 2 * x);
}

}  // namespace

struct VoiceActivity::State {
  NoiseFloor floor;
  FrameStore gains{1, 0.0F};
  std::array<float, kLookAheadFrames + 1> probability{};  // of the newest frames, newest last
  FrameIndex pushed = 0;
  int hangover = 0;
  float gain = 0;
  bool finished = false;

  /// The loudest two of ten groups of bands over the noise floor: a vowel fills the low ones, a
  /// fricative the high ones.
  float excess_db(std::span<const float> mel) {
    std::array<float, kMelBands> band_db;
    GroupLevels level_db{};
    for (int band = 0; band < kMelBands; ++band) {
      band_db[band] = to_db(mel[band]);
      level_db[band / kGroupBands] += band_db[band] / kGroupBands;
    }
    const GroupLevels& floor_db = floor.update(band_db, level_db);
    for (int group = 0; group < kGroups; ++group) level_db[group] -= floor_db[group];
    std::partial_sort(level_db.begin(), level_db.begin() + kLoudestGroups, level_db.end(),
                      std::greater<>());
    float sum = 0;
    for (int i = 0; i < kLoudestGroups; ++i) sum += level_db[i];
    return sum / kLoudestGroups;
  }

  void add(float newest) {
    std::shift_left(probability.begin(), probability.end(), 1);
    probability.back() = newest;
    if (++pushed <= kLookAheadFrames) return;
    const float now = *std::max_element(probability.begin(), probability.end());
    if (now >= gain) {
      gain = now;
      hangover = kHangoverFrames;
    } else if (hangover > 0) {
      --hangover;
    } else {
      gain = std::max(now, gain - kReleasePerFrame);
    }
    gains.append()[0] = gain;
  }
};

VoiceActivity::VoiceActivity() : state_(std::make_unique<State>()) {}
VoiceActivity::~VoiceActivity() = default;
VoiceActivity::VoiceActivity(VoiceActivity&&) noexcept = default;
VoiceActivity& VoiceActivity::operator=(VoiceActivity&&) noexcept = default;

void VoiceActivity::push(std::span<const float> mel_frames) {
  assert(mel_frames.size() % kMelBands == 0 && !state_->finished);
  for (; !mel_frames.empty(); mel_frames = mel_frames.subspan(kMelBands))
    state_->add(speech_probability(state_->excess_db(mel_frames.first(kMelBands))));
}

void VoiceActivity::finish() {
  if (state_->finished) return;
  state_->finished = true;
  const FrameIndex frames = state_->pushed;
  while (state_->gains.end() < frames) state_->add(0);
}

void VoiceActivity::reset() {
  state_ = std::make_unique<State>();
}

FrameIndex VoiceActivity::frames_ready() const {
  return state_->gains.end();
}

void VoiceActivity::copy(FrameIndex first, FrameIndex count, float* out) const {
  assert((state_->finished || first + count <= frames_ready()) && "the gain is not ready");
  state_->gains.copy(first, count, out);
}

void VoiceActivity::drop_before(FrameIndex frame) {
  state_->gains.drop_before(frame);
}

}  // namespace visema
