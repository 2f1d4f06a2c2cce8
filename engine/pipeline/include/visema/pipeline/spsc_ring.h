#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace visema {

/// Samples from one producer thread (the microphone's callback) to one consumer thread, without
/// lock, allocation or system call. Samples that find no room are lost and counted; silence of the
/// same length takes their place as soon as there is room, so that positions stay true.
class SpscRing {
 public:
  /// Holds at least `capacity` samples.
  explicit SpscRing(std::size_t capacity);

  /// Producer only.
  void write(std::span<const float> samples);
  /// Consumer only: takes at most out.size() samples and returns how many.
  std::size_t read(std::span<float> out);

  /// Any thread.
  std::size_t available() const;
  std::int64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  std::size_t capacity() const { return samples_.size(); }

 private:
  std::vector<float> samples_;  // a power of two
  std::int64_t gap_ = 0;        // producer's: lost samples whose silence is not yet written
  std::atomic<std::int64_t> lost_{0};
  // Absolute positions, on cache lines of their own.
  alignas(64) std::atomic<std::uint64_t> written_{0};
  alignas(64) std::atomic<std::uint64_t> read_{0};
};

}  // namespace visema
