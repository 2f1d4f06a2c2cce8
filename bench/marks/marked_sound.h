#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "visema/core/time.h"

namespace visema::bench {

using BenchClock = std::chrono::steady_clock;

inline constexpr int kMarkRateHz = 16000;

/// Silence with marks in it: a loud piece of speech that begins at once and opens the mouth.
struct MarkedSound {
  std::vector<std::int16_t> samples;
  std::vector<float> mark;          // the piece
  std::vector<SampleIndex> begins;  // where it stands

  /// The loudest 0.8 s of the file every 2.5 s, at another place of a frame each time.
  MarkedSound(const std::filesystem::path& speech, double seconds);
};

/// Sends the sound to a listening socket as a microphone would hear it, 10 ms at a time. Returns
/// when sample 0 began to be heard. Waits for the socket. Throws Error when the peer goes.
BenchClock::time_point send_in_real_time(const MarkedSound& sound, const std::string& address);

}  // namespace visema::bench
