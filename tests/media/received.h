#pragma once

#include <gtest/gtest.h>

#include "media_files.h"
#include "visema/media/probe.h"

namespace visema::test {

/// What arrived of a stream of live_frame pictures.
struct Received {
  explicit Received(const fs::path& file) {
    const MediaInfo info = probe(file, ProbeDepth::kDecoded);
    const StreamInfo* video = info.first(StreamKind::kVideo);
    const StreamInfo* audio = info.first(StreamKind::kAudio);
    if (audio != nullptr) {
      sound_s = static_cast<double>(audio->frames) / audio->rate_hz;
      if (video != nullptr) sound_ahead_s = video->start_time_s - audio->start_time_s;
    }
    VideoReader reader(file);
    while (auto frame = reader.read()) {
      numbers.push_back(number_in(frame->image));
      times_s.push_back(frame->time_s);
    }
  }

  /// No picture is missing, doubled or at the wrong time.
  bool is_whole(Rational fps = {25, 1}) const {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] != (numbers[0] + static_cast<int>(i)) % kNumbers) return false;
      if (std::abs(times_s[i] - static_cast<double>(i) / fps.value()) > 0.0021) return false;
    }
    return !numbers.empty();
  }
  int frames() const { return static_cast<int>(numbers.size()); }

  std::vector<int> numbers;  // of the pictures, modulo kNumbers
  std::vector<double> times_s;
  double sound_s = 0;
  double sound_ahead_s = 0;  // the sound's start before the picture's
};

}  // namespace visema::test
