#include "visema/audio/memory_sound.h"

#include <algorithm>

namespace visema {

std::size_t MemorySound::available() const {
  const std::lock_guard lock(mutex_);
  return (sound_.samples.size() - taken_) / static_cast<std::size_t>(sound_.channels);
}

std::size_t MemorySound::read(std::span<float> out, std::chrono::milliseconds) {
  const std::lock_guard lock(mutex_);
  const auto channels = static_cast<std::size_t>(sound_.channels);
  const std::size_t frames = std::min(out.size(), sound_.samples.size() - taken_) / channels;
  std::copy_n(sound_.samples.begin() + static_cast<std::ptrdiff_t>(taken_), frames * channels,
              out.begin());
  taken_ += frames * channels;
  return frames;
}

void MemorySound::clear() {
  const std::lock_guard lock(mutex_);
  taken_ = sound_.samples.size();
}

}  // namespace visema
