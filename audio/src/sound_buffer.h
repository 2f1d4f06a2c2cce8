#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>

namespace visema {

/// Samples between a thread that reads sound and the one that uses it, a bounded number of frames
/// of `channels` samples. Any thread.
class SoundBuffer {
 public:
  SoundBuffer(std::size_t capacity_frames, int channels)
      : capacity_frames_(capacity_frames), channels_(static_cast<std::size_t>(channels)) {}

  /// Appends whole frames, waits for room; false once cancelled. They are forgotten when clear()
  /// has been called more often than `clears` times.
  bool write(std::span<const float> samples, std::int64_t clears);
  /// How often clear() has been called.
  std::int64_t clears() const;
  /// No more is written.
  void close();
  /// Wakes and refuses writers for good.
  void cancel();

  std::size_t read(std::span<float> out, std::chrono::milliseconds patience);
  void clear();
  std::size_t available() const;
  /// Closed and empty.
  bool ended() const;

 private:
  std::size_t frames() const { return samples_.size() / channels_; }

  const std::size_t capacity_frames_;
  const std::size_t channels_;
  mutable std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_samples_;
  std::deque<float> samples_;
  std::int64_t clears_ = 0;
  bool closed_ = false;
  bool cancelled_ = false;
};

}  // namespace visema
