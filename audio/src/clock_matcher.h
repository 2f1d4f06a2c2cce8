#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace visema {

/// Mono sound of a device whose clock is not ours, resampled so little that no one hears it (within
/// 0.5 %, cubic) that it neither runs dry nor piles up: the least that waits in two seconds is held
/// at 20 ms. Nothing is dropped. One thread at a time.
class ClockMatcher {
 public:
  explicit ClockMatcher(int rate_hz) : rate_hz_(rate_hz) {}

  void push(std::span<const float> samples);
  /// Samples that can be read now.
  std::size_t available() const;
  std::size_t read(std::span<float> out);
  void clear();
  /// Samples of the device for each one that is read.
  double speed() const { return speed_; }

 private:
  float at(double position) const;
  void watch(std::size_t read);

  const int rate_hz_;
  std::vector<float> samples_;
  double position_ = 1;  // of the next one; the cubic needs one sample before it and two after
  double speed_ = 1;
  double drift_ = 0;         // of the device's clock, as far as it is known
  std::size_t watched_ = 0;  // samples read in this window
  std::size_t least_ = 0;    // that waited in it
};

}  // namespace visema
