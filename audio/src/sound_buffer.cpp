#include "sound_buffer.h"

#include <algorithm>

namespace visema {

bool SoundBuffer::write(std::span<const float> samples, std::int64_t clears) {
  std::unique_lock lock(mutex_);
  while (!samples.empty()) {
    has_room_.wait(lock,
                   [&] { return cancelled_ || clears != clears_ || frames() < capacity_frames_; });
    if (cancelled_) return false;
    if (clears != clears_) return true;
    const std::size_t room = (capacity_frames_ - frames()) * channels_;
    const auto part = samples.first(std::min(room, samples.size()));
    samples_.insert(samples_.end(), part.begin(), part.end());
    samples = samples.subspan(part.size());
    has_samples_.notify_all();
  }
  return !cancelled_;
}

std::int64_t SoundBuffer::clears() const {
  const std::lock_guard lock(mutex_);
  return clears_;
}

void SoundBuffer::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  has_samples_.notify_all();
}

void SoundBuffer::cancel() {
  const std::lock_guard lock(mutex_);
  closed_ = cancelled_ = true;
  has_room_.notify_all();
  has_samples_.notify_all();
}

std::size_t SoundBuffer::read(std::span<float> out, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (patience.count() > 0)
    has_samples_.wait_for(lock, patience, [&] { return closed_ || !samples_.empty(); });
  const std::size_t count = std::min(out.size() / channels_, frames());
  const auto end = samples_.begin() + static_cast<std::ptrdiff_t>(count * channels_);
  std::copy(samples_.begin(), end, out.begin());
  samples_.erase(samples_.begin(), end);
  has_room_.notify_all();
  return count;
}

void SoundBuffer::clear() {
  const std::lock_guard lock(mutex_);
  samples_.clear();
  ++clears_;
  has_room_.notify_all();
}

std::size_t SoundBuffer::available() const {
  const std::lock_guard lock(mutex_);
  return frames();
}

bool SoundBuffer::ended() const {
  const std::lock_guard lock(mutex_);
  return closed_ && samples_.empty();
}

}  // namespace visema
