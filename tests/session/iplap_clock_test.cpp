#include "iplap_clock.h"

#include <gtest/gtest.h>

#include "template_clock.h"

namespace visema::session {
namespace {

TEST(IplapClock, WindowsAreThePublishedOnesAt25FramesASecond) {
  for (FrameIndex f = 0; f < 100'000; ++f) {
    const FrameIndex before = f < 2 ? 0 : f - 2;
    ASSERT_EQ(iplap_mel_start(f, {25, 1}, 0), 80 * before / 25);
  }
  EXPECT_EQ(iplap_mel_start(7, {25, 1}, 0), 16);
  EXPECT_EQ(iplap_mel_start(7, {25, 1}, -2), 9);  // of frame 5
  EXPECT_EQ(iplap_mel_start(7, {25, 1}, 2), 22);  // of frame 9
  EXPECT_EQ(iplap_mel_start(0, {25, 1}, -2), 0);
}

TEST(IplapClock, OtherRatesAskAtTheSameTimes) {
  for (FrameIndex f = 0; f < 1000; ++f)
    for (int step = kIplapFirstStep; step <= kIplapLastStep; ++step) {
      ASSERT_EQ(iplap_mel_start(2 * f, {50, 1}, step), iplap_mel_start(f, {25, 1}, step));
      ASSERT_EQ(iplap_mel_start(1000 * f, {25000, 1}, step), iplap_mel_start(f, {25, 1}, step));
    }
  // Frame 300 at 30000/1001 begins at 10.01 s; the window 0.08 s before that.
  EXPECT_EQ(iplap_mel_start(300, {30000, 1001}, 0), 794);
  // A day later the arithmetic is as exact.
  EXPECT_EQ(iplap_mel_start(2'589'410, {30000, 1001}, 0), 80 * 86399 + 72);
}

TEST(IplapClock, TheMiddleInstantShowsTheTemplatesFrame) {
  for (const Rational fps : {Rational{24, 1}, {25, 1}, {30000, 1001}, {60, 1}})
    for (const Rational source : {Rational{25, 1}, {24000, 1001}, {50, 1}})
      for (FrameIndex f = 0; f < 500; ++f) {
        const IplapInstant instant = iplap_instant(f, fps, 0);
        ASSERT_EQ(template_frame(instant.index, instant.rate, source, 77, TemplateLoop::kPingPong),
                  template_frame(f, fps, source, 77, TemplateLoop::kPingPong));
      }
}

TEST(IplapClock, StepsAreFramesOfA25FramesASecondTemplate) {
  const auto shown = [](FrameIndex f, int step) {
    const IplapInstant instant = iplap_instant(f, {25, 1}, step);
    return template_frame(instant.index, instant.rate, {25, 1}, 1000, TemplateLoop::kHold);
  };
  for (int step = kIplapFirstStep; step <= kIplapLastStep; ++step)
    EXPECT_EQ(shown(100, step), 100 + step);
  EXPECT_EQ(shown(1, -2), 0);
}

}  // namespace
}  // namespace visema::session
