#pragma once

#include <string_view>

namespace visema {

/// While it lives, what ALSA, JACK and PortAudio print to standard error is caught; the rest, of
/// other threads, goes out when it ends. One at a time.
class QuietErrors {
 public:
  QuietErrors();
  ~QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;

 private:
  int terminal_;  // standard error
  int caught_;    // a file in memory; -1: nothing is caught
};

/// A line that a sound library prints about devices that are not there.
bool is_sound_library_noise(std::string_view line);

}  // namespace visema
