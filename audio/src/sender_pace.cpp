#include "sender_pace.h"

namespace visema {
namespace {

using namespace std::chrono_literals;

constexpr int kWantedSeconds = 5;
constexpr double kLeast = 0.5;
constexpr double kMost = 1.5;

}  // namespace

void SenderPace::arrived(std::size_t frames, Time now) {
  if (steady_seconds_ < 0) {
    second_ = now;
    steady_seconds_ = 0;
  }
  for (; now - second_ >= 1s; second_ += 1s) {
    const double share = static_cast<double>(frames_) / rate_hz_;
    steady_seconds_ = share >= kLeast && share <= kMost ? steady_seconds_ + 1 : 0;
    frames_ = 0;
    if (now - second_ < 1min) continue;
    second_ = now - 1s;  // of a long pause, the end is enough
    steady_seconds_ = 0;
  }
  frames_ += frames;
}

bool SenderPace::steady(Time now) const {
  return steady_seconds_ >= kWantedSeconds && now - second_ < 2s;
}

}  // namespace visema
