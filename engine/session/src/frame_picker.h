#pragma once

#include <atomic>
#include <cstdint>

#include "frame_items.h"
#include "live_clock.h"
#include "visema/pipeline/stage.h"

namespace visema::session {

/// Leaves out the motions whose pictures would come too late (leave_out); everything that follows
/// it in the same thread counts as rendering.
class FramePicker {
 public:
  /// The clock may be set until the first frame.
  explicit FramePicker(const LiveClock& clock) : clock_(clock) {}

  /// Before the first frame: how long a picture takes and may take.
  void allow(LiveDuration typical, LiveDuration allowance) {
    typical_ = typical;
    allowance_ = allowance;
  }

  void process(SpokenFrame spoken, const Emit<SpokenFrame>& emit);
  void finish(const Emit<SpokenFrame>&) {}
  void reset() {}

  /// Any thread: the motion of this frame is on its way here.
  void announce(FrameIndex frame) { newest_ = frame; }
  /// Any thread: the next frame is not left out.
  void want_next() { wanted_ = true; }
  /// Any thread: left out here, or dropped on the way here.
  std::int64_t dropped() const { return dropped_; }

 private:
  const LiveClock& clock_;
  LiveDuration allowance_{};
  LiveDuration typical_{};
  FrameIndex next_ = 0;
  int dropped_in_a_row_ = 0;
  std::atomic<FrameIndex> newest_{0};
  std::atomic<bool> wanted_{false};
  std::atomic<std::int64_t> dropped_{0};
};

}  // namespace visema::session
