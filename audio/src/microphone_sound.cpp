#include "visema/audio/microphone_sound.h"

#include <array>
#include <mutex>

#include "clock_matcher.h"
#include "visema/audio/microphone.h"

namespace visema {

struct MicrophoneSound::State {
  State(const std::string& device, int rate_hz)
      : microphone(device, rate_hz), matcher(microphone.rate_hz()) {}

  void pump() {
    std::array<float, 4096> samples;
    while (const std::size_t count = microphone.read(samples))
      matcher.push(std::span(samples).first(count));
  }

  std::mutex mutex;  // the microphone's ring has one reader at a time
  Microphone microphone;
  ClockMatcher matcher;
};

MicrophoneSound::MicrophoneSound(const std::string& device, int rate_hz)
    : state_(std::make_unique<State>(device, rate_hz)) {}
MicrophoneSound::~MicrophoneSound() = default;

int MicrophoneSound::rate_hz() const {
  return state_->microphone.rate_hz();
}

std::size_t MicrophoneSound::available() const {
  const std::lock_guard lock(state_->mutex);
  state_->pump();
  return state_->matcher.available();
}

std::size_t MicrophoneSound::read(std::span<float> out, std::chrono::milliseconds) {
  const std::lock_guard lock(state_->mutex);
  state_->pump();
  return state_->matcher.read(out);
}

void MicrophoneSound::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->pump();
  state_->matcher.clear();
}

SoundInputStatistics MicrophoneSound::statistics() const {
  const MicrophoneStatistics device = state_->microphone.statistics();
  const bool lost = state_->microphone.state() == MicrophoneState::kLost;
  const std::lock_guard lock(state_->mutex);
  return {state_->matcher.available(), 1 + device.reopened,
          lost ? state_->microphone.last_error() : std::string()};
}

}  // namespace visema
