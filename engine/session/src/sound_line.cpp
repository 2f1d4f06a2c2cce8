#include "sound_line.h"

#include <algorithm>
#include <cassert>

namespace visema::session {
namespace {

constexpr double kFadeSeconds = 0.02;

}  // namespace

void SoundLine::append(const AudioBlock& block) {
  {
    const std::lock_guard lock(mutex_);
    assert(block.first == heard_locked() && block.channels == channels_);
    samples_.insert(samples_.end(), block.samples.begin(), block.samples.end());
  }
  changed_.notify_all();
}

void SoundLine::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

std::optional<AudioBlock> SoundLine::take(SampleIndex first, SampleIndex last) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || heard_locked() >= last; });
  if (heard_locked() <= first) return std::nullopt;
  const auto at = [&](SampleIndex sample) {
    return samples_.begin() + static_cast<std::ptrdiff_t>((sample - first_) * channels_);
  };
  const SampleIndex end = std::min(last, heard_locked());
  AudioBlock block{first, rate_hz_, channels_, {at(first), at(end)}};
  samples_.erase(samples_.begin(), at(end));
  first_ = end;
  return block;
}

void SoundLine::mute() {
  const std::lock_guard lock(mutex_);
  const auto fade = static_cast<std::size_t>(kFadeSeconds * rate_hz_);
  const auto channels = static_cast<std::size_t>(channels_);
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const std::size_t frame = std::min(i / channels + 1, fade);
    samples_[i] *= 1 - static_cast<float>(frame) / static_cast<float>(fade);
  }
}

SampleIndex SoundLine::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_locked();
}

}  // namespace visema::session
