#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace visema::test {

/// A PulseAudio server of the test's own whose only sound card plays into its own microphone. While
/// it lives this process and its children use it, PortAudio through ALSA's "pulse" device.
class PulseServer {
 public:
  static bool installed();
  PulseServer();
  ~PulseServer();
  PulseServer(const PulseServer&) = delete;
  PulseServer& operator=(const PulseServer&) = delete;

  /// Returns when it answers.
  void start();
  void kill();
  /// Plays mono sound of 16 kHz to its end.
  void play(std::span<const float> samples) const;

 private:
  std::filesystem::path folder_;
  int pid_ = -1;
};

}  // namespace visema::test
