#include "quiet_errors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace visema {
namespace {

constexpr std::array<std::string_view, 9> kNoise = {"ALSA lib ",
                                                    "Cannot connect to server ",
                                                    "jack server is not running",
                                                    "JackShmReadWrite",
                                                    "Expression '",
                                                    "connect(2) call to /dev/shm/jack",
                                                    "attempt to connect to server failed",
                                                    "Cannot lock down ",
                                                    "PaJack_"};

void write_all(int handle, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(handle, text.data(), text.size());
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string content(int handle) {
  std::string text;
  std::array<char, 4096> buffer;
  lseek(handle, 0, SEEK_SET);
  for (ssize_t count; (count = read(handle, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  return text;
}

}  // namespace

bool is_sound_library_noise(std::string_view line) {
  return line.empty() || std::any_of(kNoise.begin(), kNoise.end(), [&](std::string_view begin) {
           return line.starts_with(begin);
         });
}

QuietErrors::QuietErrors()
    : terminal_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)),
      caught_(terminal_ < 0 ? -1 : memfd_create("stderr", MFD_CLOEXEC)) {
  std::fflush(stderr);
  if (caught_ >= 0) dup2(caught_, STDERR_FILENO);
}

QuietErrors::~QuietErrors() {
  if (caught_ >= 0) {
    std::fflush(stderr);
    dup2(terminal_, STDERR_FILENO);
    std::string_view text;
    const std::string all = content(caught_);
    for (text = all; !text.empty();) {
      const auto size = std::min(text.find('\n'), text.size() - 1) + 1;
      std::string_view line = text.substr(0, size);
      text.remove_prefix(size);
      if (line.ends_with('\n')) line.remove_suffix(1);
      if (!is_sound_library_noise(line)) write_all(terminal_, std::string(line) + '\n');
    }
    close(caught_);
  }
  if (terminal_ >= 0) close(terminal_);
}

}  // namespace visema
