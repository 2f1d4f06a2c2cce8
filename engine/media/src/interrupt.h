#pragma once

extern "C" {
#include <libavformat/avio.h>
}

#include <atomic>
#include <chrono>

namespace visema::media {

/// Ends libav's waiting at the limit of one operation or at the end of all of them, whichever is
/// first. allow: the thread that calls libav; end_by: any thread.
class Interrupt {
 public:
  using Clock = std::chrono::steady_clock;

  void allow(Clock::duration limit) { operation_end_ = (Clock::now() + limit).time_since_epoch(); }
  void end_by(Clock::time_point end) { end_ = end.time_since_epoch(); }
  bool ended() const { return now() >= end_.load(); }
  AVIOInterruptCB callback() {
    return {[](void* self) { return static_cast<Interrupt*>(self)->due() ? 1 : 0; }, this};
  }

 private:
  static Clock::duration now() { return Clock::now().time_since_epoch(); }
  bool due() const { return now() >= operation_end_.load() || ended(); }

  std::atomic<Clock::duration> operation_end_{Clock::duration::max()};
  std::atomic<Clock::duration> end_{Clock::duration::max()};
};

}  // namespace visema::media
