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
  if (!frame.picture) return;
  if (target_.order == RawOrder::kRgb) return write(frame.picture->rgb);
  pack(frame);
  write(packed_);
}

void RawPictures::pack(const LiveFrame& frame) {
  constexpr std::uint8_t kOpaque = 255;
  const auto& rgb = frame.picture->rgb;
  const bool turned = target_.order == RawOrder::kBgra;
  packed_.resize(rgb.size() / 3 * 4);
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    const std::uint8_t* from = &rgb[3 * i];
    std::uint8_t* to = &packed_[4 * i];
    to[0] = from[turned ? 2 : 0];
    to[1] = from[1];
    to[2] = from[turned ? 0 : 2];
    to[3] = frame.alpha ? (*frame.alpha)[i] : kOpaque;
  }
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
