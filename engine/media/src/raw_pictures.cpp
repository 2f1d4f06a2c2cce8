#include "raw_pictures.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>

#include "visema/core/error.h"

namespace visema::media {
namespace {

constexpr int kPollMs = 50;

}  // namespace

void RawPictures::write(const LiveFrame& frame) {
  if (frame.picture) write(frame.picture->rgb);
}

void RawPictures::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    if (interrupt_.ended()) throw Error(ErrorCode::kOutput, target_.text + ": nobody reads");
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    if (poll(&output, 1, kPollMs) <= 0) continue;
    // So much never blocks a pipe that is ready; its mode belongs to others too.
    const ssize_t count =
        ::write(STDOUT_FILENO, bytes.data(), std::min<size_t>(bytes.size(), PIPE_BUF));
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0)
      throw Error(ErrorCode::kOutput,
                  target_.text + ": cannot be written: " + std::strerror(errno));
    bytes_ += count;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace visema::media
