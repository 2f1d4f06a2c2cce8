#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace visema {

struct SoundInputStatistics {
  std::size_t buffered_frames = 0;   // read and not yet taken
  std::int64_t connections = 0;      // peers, files or devices that gave sound so far
  std::string problem;               // what the last one ended with; empty: nothing
  bool steady = false;               // it sends in real time, and has for some seconds
  std::int64_t left_out_frames = 0;  // of pauses, so that less waits
};

/// Sound that comes in while it is used: interleaved float samples at a fixed rate. A frame is one
/// sample of every channel. read() and clear() may be called from different threads.
class SoundInput {
 public:
  virtual ~SoundInput() = default;
  virtual int rate_hz() const = 0;
  virtual int channels() const = 0;
  /// Frames that are there now.
  virtual std::size_t available() const = 0;
  /// Takes at most out.size() / channels frames, waits at most so long for the first; returns how
  /// many.
  virtual std::size_t read(std::span<float> out, std::chrono::milliseconds patience) = 0;
  /// No more will come and all has been taken.
  virtual bool ended() const = 0;
  /// Forgets what was read and not taken.
  virtual void clear() = 0;
  /// Sound that waits while nobody takes it, unlike a microphone's.
  virtual bool waits() const { return true; }
  virtual SoundInputStatistics statistics() const = 0;
};

}  // namespace visema
