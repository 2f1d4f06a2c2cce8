#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace visema {

/// A device that sound can be captured from.
struct SoundDevice {
  int number = 0;    // may change when devices come and go
  std::string name;  // as the system calls it
  std::string host;  // "ALSA", "JACK Audio Connection Kit"
  int channels = 0;
  double default_rate_hz = 0;
  bool is_default = false;
};

/// Looks anew, unless a microphone of this process is open.
std::vector<SoundDevice> sound_devices();

enum class MicrophoneState {
  kOpen,
  kLost,  // nothing comes; it is tried again about once a second
};

struct MicrophoneStatistics {
  std::int64_t samples = 0;     // that the device delivered
  std::int64_t lost = 0;        // of those, found no room because nobody read
  std::int64_t times_lost = 0;  // the device
  std::int64_t reopened = 0;
};

/// Mono sound of a capturing device (PortAudio). Up to 131072 samples wait to be read; what is lost
/// for want of room becomes silence of the same length. A device that stops delivering for 0.5 s is
/// lost and is opened again, at the same rate, when it is back. read: one thread; the rest: any
/// thread.
class Microphone {
 public:
  /// `device`: "default", a number, or a part of a name, upper or lower case. The rate is the
  /// device's own default where it cannot do `rate_hz`.
  /// Throws Error(kInput), naming the devices there are, when it cannot be opened.
  Microphone(const std::string& device, int rate_hz);
  ~Microphone();
  Microphone(const Microphone&) = delete;
  Microphone& operator=(const Microphone&) = delete;

  int rate_hz() const;
  /// The device's whole name.
  const std::string& name() const;

  /// At most out.size() samples, how many there are; never waits.
  std::size_t read(std::span<float> out);
  /// Waits until out.size() samples are there or the time is over.
  std::size_t read(std::span<float> out, std::chrono::milliseconds timeout);

  MicrophoneState state() const;
  /// Why it was lost last; empty when it never was.
  std::string last_error() const;
  MicrophoneStatistics statistics() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace visema
