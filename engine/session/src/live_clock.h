#pragma once

#include <chrono>

#include "visema/core/time.h"

namespace visema::session {

using LiveTime = std::chrono::steady_clock::time_point;
using LiveDuration = std::chrono::steady_clock::duration;

/// When what happens in a live run: all of it from one start and the index of a sample, never by
/// adding steps.
struct LiveClock {
  LiveTime start;  // when sample 0 begins to be heard
  int rate_hz = 48000;
  Rational fps;
  LiveDuration delay{};  // from hearing the first sample of a frame to its deadline

  /// When the sample begins to be heard; the one before it is known then.
  LiveTime heard(SampleIndex sample) const;
  /// When the frame and its sound leave, with an older picture if need be.
  LiveTime deadline(FrameIndex frame) const;
  LiveDuration frame_time() const;
};

/// The speech stage needs this much of the sound that follows a frame's start.
inline constexpr std::chrono::milliseconds kLookAhead{150};

/// From hearing a frame's first sample to its deadline: the look-ahead, or the whole frame where
/// that is longer, a block of sound, and the time that rendering may take.
LiveDuration live_delay(Rational fps, LiveDuration block, LiveDuration render);

/// What to allow where a picture typically takes so long: twice that, two frames at least, and no
/// less than what another process may take a core away for.
inline constexpr std::chrono::milliseconds kLeastAllowance{120};
LiveDuration render_allowance(LiveDuration typical, LiveDuration frame_time);

/// What the renderer knows before it begins with a frame.
struct RenderLoad {
  LiveDuration typical{};    // time that a frame took lately
  LiveDuration allowance{};  // that rendering may take without being late
  bool newer_waits = false;  // the motion of a later frame is there already
  int dropped_in_a_row = 0;
};

/// Whether to leave a frame out: when it would be late and a newer one waits, or the next one can
/// be in time. For the sake of frames to come a face stands still for kMostDropped at most.
inline constexpr int kMostDropped = 3;
bool leave_out(LiveTime now, FrameIndex frame, const LiveClock& clock, const RenderLoad& load);

}  // namespace visema::session
