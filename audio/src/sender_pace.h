#pragma once

#include <chrono>
#include <cstddef>

namespace visema {

/// Whether a sender keeps to real time, as a microphone does and a speech synthesiser does not: in
/// each of the last five seconds it brought half a second to a second and a half of sound.
class SenderPace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit SenderPace(int rate_hz) : rate_hz_(rate_hz) {}

  void arrived(std::size_t frames, Time now);
  /// Another sender, or the same that was made to wait.
  void reset() { *this = SenderPace(rate_hz_); }
  bool steady(Time now) const;

 private:
  int rate_hz_;
  Time second_{};            // begin of the present one
  std::size_t frames_ = 0;   // in it
  int steady_seconds_ = -1;  // before it; -1: nothing has arrived
};

}  // namespace visema
