#include "live_clock.h"

#include <algorithm>

namespace visema::session {

namespace {

__extension__ using Wide = __int128;

LiveDuration frame_time_of(Rational fps) {
  return std::chrono::duration_cast<LiveDuration>(std::chrono::duration<double>(1 / fps.value()));
}

}  // namespace

LiveTime LiveClock::heard(SampleIndex sample) const {
  const auto nanoseconds =
      static_cast<std::int64_t>(Wide{sample} * std::nano::den / std::max(rate_hz, 1));
  return start + std::chrono::duration_cast<LiveDuration>(std::chrono::nanoseconds(nanoseconds));
}

LiveTime LiveClock::deadline(FrameIndex frame) const {
  return heard(frame_start(frame, rate_hz, fps)) + delay;
}

LiveDuration LiveClock::frame_time() const {
  return frame_time_of(fps);
}

LiveDuration live_delay(Rational fps, LiveDuration block, LiveDuration render) {
  const LiveDuration frame = frame_time_of(fps);
  return std::max<LiveDuration>(kLookAhead, frame) + block + render;
}

LiveDuration render_allowance(LiveDuration typical, LiveDuration frame_time) {
  return std::max({2 * typical, 2 * frame_time, LiveDuration(kLeastAllowance)});
}

bool leave_out(LiveTime now, FrameIndex frame, const LiveClock& clock, const RenderLoad& load) {
  if (now + load.typical <= clock.deadline(frame)) return false;
  if (load.newer_waits) return true;
  return load.typical <= load.allowance && load.dropped_in_a_row < kMostDropped;
}

}  // namespace visema::session
