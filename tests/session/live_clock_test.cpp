#include "live_clock.h"

#include <gtest/gtest.h>

namespace visema::session {
namespace {

using namespace std::chrono_literals;

constexpr LiveDuration kAllowance = 80ms;

LiveClock clock_of(Rational fps, int rate_hz) {
  return {LiveTime(1000s), rate_hz, fps, live_delay(fps, 10ms, kAllowance)};
}

/// When enough is heard to begin with the frame.
LiveTime arrival(const LiveClock& clock, FrameIndex frame) {
  return clock.deadline(frame) - kAllowance;
}

TEST(LiveClock, DeadlinesFollowTheSamplesForADay) {
  const LiveClock clock = clock_of({30000, 1001}, 44100);
  const FrameIndex day = 24LL * 3600 * 30000 / 1001;
  for (const FrameIndex frame : {FrameIndex{0}, FrameIndex{1}, FrameIndex{1001}, day, day + 1}) {
    const double exact_s = static_cast<double>(frame) * 1001 / 30000;
    const std::chrono::duration<double> due = clock.deadline(frame) - clock.start - clock.delay;
    EXPECT_NEAR(due.count(), exact_s, 1.0 / 44100);
  }
  EXPECT_EQ(clock.heard(44100LL * 86400) - clock.start, 24h);
}

TEST(LiveClock, TheDelayHoldsTheLookAheadAndAWholeFrame) {
  EXPECT_EQ(live_delay({25, 1}, 10ms, 80ms), 150ms + 10ms + 80ms);
  EXPECT_EQ(live_delay({2, 1}, 10ms, 80ms), 500ms + 10ms + 80ms);
}

TEST(LiveClock, RenderingMayTakeTwiceItsTimeTwoFramesAndALittleAtLeast) {
  EXPECT_EQ(render_allowance(10ms, 40ms), 120ms);
  EXPECT_EQ(render_allowance(10ms, 100ms), 200ms);
  EXPECT_EQ(render_allowance(90ms, 40ms), 180ms);
}

TEST(LeaveOut, AFrameInTimeIsRendered) {
  const LiveClock clock = clock_of({25, 1}, 48000);
  EXPECT_FALSE(leave_out(arrival(clock, 7), 7, clock, {30ms, kAllowance, false, 0}));
  EXPECT_FALSE(leave_out(clock.deadline(7) - 30ms, 7, clock, {30ms, kAllowance, false, 0}));
}

TEST(LeaveOut, ALateFrameGivesWayToOneThatCanBeInTime) {
  const LiveClock clock = clock_of({25, 1}, 48000);
  EXPECT_TRUE(leave_out(clock.deadline(7) - 29ms, 7, clock, {30ms, kAllowance, false, 0}));
}

TEST(LeaveOut, ARendererThatIsAlwaysLateShowsTheNewest) {
  const LiveClock clock = clock_of({25, 1}, 48000);
  EXPECT_FALSE(leave_out(arrival(clock, 7), 7, clock, {200ms, kAllowance, false, 0}));
  EXPECT_TRUE(leave_out(arrival(clock, 8), 7, clock, {200ms, kAllowance, true, 0}));
}

TEST(LeaveOut, AFaceDoesNotStandStill) {
  const LiveClock clock = clock_of({25, 1}, 48000);
  const LiveTime late = clock.deadline(7) + 1s;
  EXPECT_TRUE(leave_out(late, 7, clock, {30ms, kAllowance, false, kMostDropped - 1}));
  EXPECT_FALSE(leave_out(late, 7, clock, {30ms, kAllowance, false, kMostDropped}));
}

/// Plays a renderer that takes so long for every frame, on made-up time.
struct Played {
  int rendered = 0;
  int in_time = 0;
  LiveDuration worst{};  // behind the deadline
};
Played play(LiveDuration takes, LiveDuration allowance, FrameIndex frames) {
  LiveClock clock{LiveTime(1000s), 48000, {25, 1}, live_delay({25, 1}, 10ms, allowance)};
  Played played;
  LiveTime now = clock.start;
  int dropped = 0;
  for (FrameIndex frame = 0; frame < frames; ++frame) {
    now = std::max(now, clock.deadline(frame) - allowance);
    const bool newer_waits = clock.deadline(frame + 1) - allowance <= now;
    if (leave_out(now, frame, clock, {takes, allowance, newer_waits, dropped})) {
      ++dropped;
      continue;
    }
    dropped = 0;
    now += takes;
    ++played.rendered;
    if (now <= clock.deadline(frame)) ++played.in_time;
    played.worst = std::max(played.worst, now - clock.deadline(frame));
  }
  return played;
}

TEST(LeaveOut, TheDelayStaysBoundedWhateverTheRendererTakes) {
  const auto fast = play(30ms, 80ms, 1000);
  EXPECT_EQ(fast.rendered, 1000);
  EXPECT_EQ(fast.in_time, 1000);
  const auto slower_than_real_time = play(47ms, 94ms, 1000);
  EXPECT_EQ(slower_than_real_time.in_time, slower_than_real_time.rendered);
  EXPECT_GT(slower_than_real_time.rendered, 800);
  for (const auto takes : {150ms, 400ms, 1000ms}) {
    const auto far_too_slow = play(takes, 80ms, 1000);
    EXPECT_GT(far_too_slow.rendered, 40s / (takes + 40ms) - 2);
    EXPECT_LE(far_too_slow.worst, takes + 40ms - 80ms);
  }
}

}  // namespace
}  // namespace visema::session
