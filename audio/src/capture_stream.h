#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "visema/audio/microphone.h"
#include "visema/pipeline/spsc_ring.h"

namespace visema {

/// PortAudio from the first to the last object of the process; only a new first one sees devices
/// that came since. Threads may make and destroy objects at the same time.
class PortAudio {
 public:
  PortAudio();
  ~PortAudio();
  PortAudio(const PortAudio&) = delete;
  PortAudio& operator=(const PortAudio&) = delete;

  std::vector<SoundDevice> devices() const;
};

/// A device that captures into a ring as long as the object lives.
class CaptureStream {
 public:
  /// Throws Error(kInput).
  CaptureStream(const std::string& device, int rate_hz, SpscRing& ring);
  ~CaptureStream();
  CaptureStream(const CaptureStream&) = delete;
  CaptureStream& operator=(const CaptureStream&) = delete;

  int rate_hz() const { return rate_hz_; }
  const std::string& name() const { return name_; }
  /// Samples so far.
  std::int64_t samples() const { return samples_.load(std::memory_order_relaxed); }
  /// PortAudio has given it up.
  bool stopped() const;

 private:
  struct Callback;
  void take(const float* samples, std::size_t frames);
  /// PortAudio's code of the start.
  int start(const SoundDevice& device, int rate_hz);
  void open(const SoundDevice& device, int rate_hz);

  PortAudio port_audio_;
  SpscRing& ring_;
  void* stream_ = nullptr;
  int channels_ = 1;
  int rate_hz_ = 0;
  std::string name_;
  std::atomic<std::int64_t> samples_{0};
};

/// The device of that name, see Microphone. Throws Error(kInput).
const SoundDevice& find_device(const std::vector<SoundDevice>& devices, const std::string& wanted);

}  // namespace visema
