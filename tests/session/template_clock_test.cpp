#include "template_clock.h"

#include <gtest/gtest.h>

namespace visema::session {
namespace {

TEST(TemplateClock, PingPongTurnsAtBothEndsWithoutRepeatingThem) {
  const FrameIndex expected[] = {0, 1, 2, 3, 2, 1, 0, 1, 2};
  for (FrameIndex f = 0; f < 9; ++f)
    EXPECT_EQ(template_frame(f, {25, 1}, {25, 1}, 4, TemplateLoop::kPingPong), expected[f]) << f;
}

TEST(TemplateClock, CutStartsAgainAndHoldStays) {
  EXPECT_EQ(template_frame(5, {25, 1}, {25, 1}, 4, TemplateLoop::kCut), 1);
  EXPECT_EQ(template_frame(5, {25, 1}, {25, 1}, 4, TemplateLoop::kHold), 3);
}

TEST(TemplateClock, OtherRatesKeepTheTemplatesOwnSpeed) {
  // 50 frames a second show each frame of a 25 fps template twice.
  EXPECT_EQ(template_frame(20, {50, 1}, {25, 1}, 1000, TemplateLoop::kHold), 10);
  // A day at 30000/1001 does not drift.
  const FrameIndex day = 86400LL * 30000 / 1001;
  EXPECT_NEAR(static_cast<double>(
                  template_frame(day, {30000, 1001}, {24, 1}, 1LL << 40, TemplateLoop::kHold)),
              24.0 * 86400, 1);
}

TEST(TemplateClock, OneFrameIsAlwaysShown) {
  EXPECT_EQ(template_frame(123, {25, 1}, {25, 1}, 1, TemplateLoop::kPingPong), 0);
}

}  // namespace
}  // namespace visema::session
