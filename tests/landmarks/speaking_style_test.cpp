#include "visema/landmarks/speaking_style.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "three_movements.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

constexpr double kFrame = 0.04;

class SpeakingStyleTest : public testing::Test {
 protected:
  FaceMesh offset(float opening, float corners, float chin) const {
    FaceMesh mesh{};
    add_offset(lower_, std::vector<float>{opening, corners, chin}, 1, mesh);
    return mesh;
  }

  static float opening(int frame) { return 0.03F + 0.02F * std::sin(0.7F * frame); }

  std::optional<SpeakingStyle> fit(int frames, const std::function<FaceMesh(int)>& real) const {
    SpeakingStyleFit fit(lower_);
    for (int i = 0; i < frames; ++i) fit.add(offset(opening(i), 0, 0), real(i), kFrame);
    return fit.result();
  }

  const BasisPart lower_ = test::three_movements();
};

TEST_F(SpeakingStyleTest, FindsHowFarAMouthMovesAndWhereItIsHeld) {
  const auto real = [&](int i) { return offset(0.7F * opening(i), 0.03F, -0.02F); };
  const auto minutes = fit(3000, real);
  ASSERT_TRUE(minutes);
  EXPECT_NEAR(minutes->articulation, 0.7, 0.01);
  ASSERT_EQ(minutes->posture.size(), 3U);
  EXPECT_NEAR(minutes->posture[0], 0, 1e-4);
  EXPECT_NEAR(minutes->posture[1], 0.03, 1e-3);
  EXPECT_NEAR(minutes->posture[2], -0.02, 1e-3);

  const auto two_seconds = fit(50, real);
  ASSERT_TRUE(two_seconds);
  EXPECT_NEAR(two_seconds->articulation, std::sqrt(0.7), 0.01) << "little is known yet";
  EXPECT_NEAR(two_seconds->posture[1], 0.015, 1e-3);
}

TEST_F(SpeakingStyleTest, APostureNeitherOpensNorClosesTheLips) {
  const auto style = fit(3000, [&](int i) { return offset(opening(i) + 0.01F, 0.02F, 0); });
  ASSERT_TRUE(style);
  FaceMesh held{};
  add_offset(lower_, style->posture, 1, held);
  EXPECT_NEAR(inner_lip_gap(held), 0, 1e-6);
  EXPECT_GT(style->articulation, 1.05) << "a mouth that is open farther opens farther";
}

TEST_F(SpeakingStyleTest, KeepsWithinWhatPeopleDo) {
  const auto wide = fit(3000, [&](int i) { return offset(2.5F * opening(i), 0.5F, 0); });
  ASSERT_TRUE(wide);
  EXPECT_LE(wide->articulation, 1.6F);
  EXPECT_LE(wide->posture[1], 0.0801F);
  const auto small = fit(3000, [&](int i) { return offset(0.4F * opening(i), 0, 0); });
  ASSERT_TRUE(small);
  EXPECT_GE(small->articulation, 0.6F);
}

TEST_F(SpeakingStyleTest, SaysNothingOfTooLittleSpeechOrOfAnothersMouth) {
  EXPECT_FALSE(fit(20, [&](int i) { return offset(opening(i), 0, 0); }));
  EXPECT_FALSE(fit(500, [&](int) { return offset(0, 0, 0); })) << "who does not speak";
  EXPECT_FALSE(fit(500, [&](int i) { return offset(0.2F * opening(i), 0, 0); }));
  EXPECT_FALSE(fit(500, [&](int i) { return offset(4 * opening(i), 0, 0); }));
  SpeakingStyleFit nothing_said(lower_);
  for (int i = 0; i < 500; ++i) nothing_said.add({}, offset(opening(i), 0, 0), kFrame);
  EXPECT_FALSE(nothing_said.result());
}

}  // namespace
}  // namespace visema
