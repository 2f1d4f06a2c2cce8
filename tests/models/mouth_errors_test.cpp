#include "mouth_errors.h"

#include <gtest/gtest.h>

#include <cmath>

namespace visema::training {
namespace {

constexpr int kFrames = 40;

/// Two points: one opens and closes around 0.1, the other stands still.
LipFrames mouth(double late = 0) {
  LipFrames frames;
  for (int t = 0; t < kFrames; ++t) {
    const auto open = static_cast<float>(0.1 + 0.05 * std::sin(0.7 * (t - late)));
    frames.push_back({0.0F, open, 0.02F, -0.03F});
  }
  return frames;
}

double share(const MouthErrors& errors, const std::string& name) {
  for (const auto& [key, value] : errors.values())
    if (key == name) return value;
  ADD_FAILURE() << name;
  return 0;
}

TEST(MouthErrors, ARestingMouthIsTheUnit) {
  const LipFrames real = mouth();
  const MouthErrors errors = explain_errors(LipFrames(kFrames, std::vector<float>(4)), real);
  EXPECT_DOUBLE_EQ(share(errors, "said"), 1);
  EXPECT_DOUBLE_EQ(share(errors, "scale"), 1);
  EXPECT_LT(share(errors, "mean"), 0.35);
  EXPECT_DOUBLE_EQ(share(errors, "offset"), share(errors, "mean"));
}

TEST(MouthErrors, TellingTheOffsetTakesAConstantErrorAway) {
  LipFrames said = mouth();
  for (auto& frame : said) {
    frame[0] += 0.03F;
    frame[3] -= 0.04F;
  }
  const MouthErrors errors = explain_errors(said, mouth());
  EXPECT_NEAR(errors.said, kFrames * 0.07, 1e-3);
  EXPECT_NEAR(errors.offset, 0, 1e-4);
  EXPECT_GT(errors.scale, 0.3 * errors.said);
  EXPECT_NEAR(errors.all, 0, 1e-4);
}

TEST(MouthErrors, TellingTheScaleMakesAMumblingMouthSpeakUp) {
  LipFrames said = mouth();
  for (auto& frame : said)
    for (float& number : frame) number *= 0.5F;
  const MouthErrors errors = explain_errors(said, mouth());
  EXPECT_NEAR(errors.said, 0.5 * errors.rest, 1e-3);
  EXPECT_NEAR(errors.scale, 0, 1e-4);
  EXPECT_GT(errors.offset, 0.1);
  EXPECT_NEAR(errors.all, 0, 1e-4);
}

TEST(MouthErrors, TellingTheTimeMovesALateMouth) {
  for (const int late : {-3, -2, 2, 3}) {
    const MouthErrors errors = explain_errors(mouth(late), mouth());
    EXPECT_LT(errors.timing, 0.2 * errors.said) << late;  // the ends stand still
    EXPECT_GT(errors.offset, 0.8 * errors.said) << late;
  }
  // Farther than three frames it is not looked for.
  const MouthErrors far = explain_errors(mouth(4.5), mouth());
  EXPECT_GT(far.timing, 0.4 * far.said);
}

TEST(MouthErrors, ClipsAddUp) {
  MouthErrors both = explain_errors(mouth(1), mouth());
  const MouthErrors one = both;
  both.add(explain_errors(mouth(2), mouth()));
  EXPECT_NEAR(both.rest, 2 * one.rest, 1e-9);
  EXPECT_GT(both.said, 2 * one.said);
  EXPECT_TRUE(explain_errors({}, {}).rest == 0);
}

}  // namespace
}  // namespace visema::training
