#include "visema/landmarks/slow_expression.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "three_movements.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

constexpr double kFps = 25;

class SlowExpressionTest : public testing::Test {
 protected:
  SlowExpressionTest() { weight_.fill(1); }

  /// A video of a face whose three movements are functions of time; `seen`: whether it is found.
  SlowExpression of(
      int frames, const std::function<std::vector<float>(double)>& moved,
      const std::function<bool(int)>& seen = [](int) { return true; }) const {
    std::vector<LandmarkFrame> video;
    for (int i = 0; i < frames; ++i) {
      LandmarkFrame frame{i, i / kFps, std::nullopt};
      if (seen(i)) {
        FaceMesh face = rest_;
        add_offset(lower_, moved(frame.time_s), 1, face);
        frame.face = TrackedFace{face, HeadPose{}, 1};
      }
      video.push_back(frame);
    }
    return {video, stabilise(rest_, HeadPose{}), weight_, lower_};
  }

  /// Where the left corner of the mouth is held.
  static float corner(const SlowExpression& slow, int frame) { return slow.at(frame)[61].y; }

  const BasisPart lower_ = test::three_movements();
  FaceMesh rest_{};
  RegionWeights weight_{};
};

TEST_F(SlowExpressionTest, KeepsASmileAndNoSyllables) {
  const SlowExpression slow = of(1000, [](double t) {
    const float smile = t < 20 ? 0.0F : 0.04F;
    const auto syllable = static_cast<float>(0.05 * std::sin(2 * std::numbers::pi * 4 * t));
    return std::vector<float>{0.05F + syllable, smile + syllable, 0};
  });
  EXPECT_NEAR(corner(slow, 250), -0.02, 1e-3) << "half of the video smiles";
  EXPECT_NEAR(corner(slow, 750), 0.02, 1e-3);
  EXPECT_NEAR(corner(slow, 500), 0, 2e-3) << "between them";
  for (int i = 1; i < 1000; ++i)
    EXPECT_LT(std::abs(corner(slow, i) - corner(slow, i - 1)), 0.002) << i;
}

TEST_F(SlowExpressionTest, LipsStayClosed) {
  const SlowExpression slow = of(500, [](double t) {
    const auto yawn = static_cast<float>(t > 8 && t < 12 ? 0.3 : 0.0);
    return std::vector<float>{yawn, 0, yawn};
  });
  for (int i = 0; i < 500; ++i) EXPECT_NEAR(inner_lip_gap(slow.at(i)), 0, 1e-5) << i;
  EXPECT_GT(slow.at(250)[152].y, 0.05) << "the jaw is its own";
}

TEST_F(SlowExpressionTest, FramesWithoutAFaceSayNothing) {
  const auto still = [](double) { return std::vector<float>{0, 0.03F, 0}; };
  const SlowExpression slow = of(300, still, [](int i) { return i < 100 || i >= 200; });
  for (int i = 0; i < 300; ++i)
    if (i < 100 || i >= 200) EXPECT_NEAR(corner(slow, i), 0, 1e-5) << i;
  const SlowExpression none = of(50, still, [](int) { return false; });
  EXPECT_EQ(corner(none, 25), 0);
  EXPECT_EQ(corner(slow, -1), 0);
  EXPECT_EQ(corner(slow, 300), 0);
}

}  // namespace
}  // namespace visema
