#include "visema/renderer/cover_finder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "synthetic_face.h"
#include "visema/core/face_points.h"
#include "visema/renderer/face_renderer.h"

namespace visema {
namespace {

constexpr int kFrames = 60;
constexpr int kWidth = 300;
constexpr int kHeight = 320;

/// A face in a picture of one frame.
struct Shot {
  Image picture;
  FaceMesh mesh{};
  HeadPose pose;
};

/// A talking head under a light that comes and goes, and what moves before it.
class CoverFinderTest : public testing::Test {
 protected:
  static Shot shot(int frame) {
    const auto t = static_cast<float>(frame);
    Shot shot;
    shot.pose = test::pose_at(150 + 4 * std::sin(t / 9), 110, 90);
    const FaceMesh canonical =
        test::open_mouth(test::synthetic_face().mesh, 0.08F + 0.08F * std::sin(t));
    shot.mesh = test::place(canonical, shot.pose);
    shot.picture = Image(kWidth, kHeight);
    const float light = 1 + 0.25F * std::sin(t / 7);
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        const float u = static_cast<float>(x) - shot.pose.translation.x;
        const float v = static_cast<float>(y) - shot.pose.translation.y;
        const float tone = light * (1 + 0.1F * std::sin(u / 25) + 0.1F * std::sin(v / 31));
        const float skin[3] = {190 * tone, 140 * tone, 115 * tone};
        for (int c = 0; c < 3; ++c)
          shot.picture.at(x, y)[c] = static_cast<std::uint8_t>(std::clamp(skin[c], 0.0F, 255.0F));
      }
    return shot;
  }

  /// A black ball, canonical units from between the eyes.
  static void put_ball(Shot& shot, Point2 centre, float radius) {
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < kWidth; ++x) {
        const float u = (static_cast<float>(x) - shot.pose.translation.x) / shot.pose.scale;
        const float v = (static_cast<float>(y) - shot.pose.translation.y) / shot.pose.scale;
        if (std::hypot(u - centre.x, v - centre.y) > radius) continue;
        for (int c = 0; c < 3; ++c) shot.picture.at(x, y)[c] = 30;
      }
  }

  /// Covers of the talking head with the ball before it in frames begin..end-1.
  std::vector<FaceCover> covers(int begin, int end) const {
    std::vector<FlatFace> faces;
    for (int i = 0; i < kFrames; ++i) {
      Shot frame = shot(i);
      if (i >= begin && i < end) put_ball(frame, kBall, kRadius);
      faces.push_back(atlas_.flatten(frame.picture, frame.mesh, frame.pose));
    }
    CoverFinder finder(atlas_, FaceAppearance(atlas_, faces));
    for (int i = 0; i < kFrames; ++i) finder.add(i, &faces[i]);
    return finder.finish();
  }

  static constexpr Point2 kBall = {0.15F, 0.95F};
  static constexpr float kRadius = 0.2F;
  const FaceAtlas atlas_{test::synthetic_face().mesh, test::synthetic_face().triangles};
};

TEST_F(CoverFinderTest, LightAndSpeechAreNoCover) {
  EXPECT_TRUE(covers(0, 0).empty());
}

TEST_F(CoverFinderTest, WhatIsBeforeTheFaceIsFoundWhereAndWhenItIs) {
  const auto found = covers(20, 28);
  ASSERT_FALSE(found.empty());
  EXPECT_NEAR(static_cast<double>(found.front().frame), 20, 1);
  EXPECT_NEAR(static_cast<double>(found.back().frame), 27, 1);
  const FaceCover& middle = found[found.size() / 2];
  EXPECT_GT(middle.lips, 0.1F);
  EXPECT_LT(middle.lips, 0.9F);

  const Shot bare = shot(static_cast<int>(middle.frame));
  Shot covered = bare;
  put_ball(covered, kBall, kRadius);
  Image painted(kWidth, kHeight);  // black all over
  for (std::uint8_t& v : painted.rgb) v = 255;
  atlas_.put_back(covered.picture, middle.mask, covered.mesh, painted);
  int kept = 0, ball = 0, face = 0, kept_far = 0;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const float u = (static_cast<float>(x) - bare.pose.translation.x) / bare.pose.scale;
      const float v = (static_cast<float>(y) - bare.pose.translation.y) / bare.pose.scale;
      const float from_ball = std::hypot(u - kBall.x, v - kBall.y);
      const bool is_kept = std::abs(painted.at(x, y)[0] - covered.picture.at(x, y)[0]) < 40;
      if (from_ball < kRadius) ++ball, kept += is_kept;
      if (from_ball > kRadius + 0.25F && std::abs(u) < 0.5F && v > 0.5F && v < 1)
        ++face, kept_far += is_kept;
    }
  EXPECT_GT(kept, 0.97 * ball);
  EXPECT_LT(kept_far, 0.02 * face);
}

TEST_F(CoverFinderTest, CoversBeginAndEndWithTheVideo) {
  const auto first = covers(0, 8), last = covers(kFrames - 8, kFrames);
  ASSERT_FALSE(first.empty() || last.empty());
  EXPECT_EQ(first.front().frame, 0);
  EXPECT_EQ(last.back().frame, kFrames - 1);
}

TEST_F(CoverFinderTest, AFlashOfOneFrameIsNoCover) {
  EXPECT_TRUE(covers(30, 31).empty());
}

TEST_F(CoverFinderTest, WhatIsAlmostAlwaysThereIsTheFace) {
  EXPECT_TRUE(covers(0, 50).empty());
}

TEST_F(CoverFinderTest, WithoutAMaskNothingIsPutBack) {
  const Shot frame = shot(0);
  const Image other = test::test_picture(kWidth, kHeight);
  Image painted = other;
  atlas_.put_back(frame.picture, std::vector<std::uint8_t>(kCoverTexels), frame.mesh, painted);
  EXPECT_EQ(painted.rgb, other.rgb);
}

TEST_F(CoverFinderTest, ACoveredMouthKeepsItsPixelsInTheRenderersPicture) {
  const Shot frame = shot(0);
  const FaceReference reference{frame.picture, frame.mesh, frame.pose};
  FaceRenderer renderer(test::synthetic_face().triangles, reference, reference, reference,
                        [](std::span<const float>, std::span<float> result) {
                          std::fill(result.begin(), result.end(), 1.0F);  // white
                        });
  const std::vector<std::uint8_t> mask(kCoverTexels, 255);
  const FaceRenderer::Covered covered{atlas_, mask};
  const FaceMesh target =
      test::place(test::open_mouth(test::synthetic_face().mesh, 0.3F), frame.pose);
  const Image bare = renderer.render(frame.picture, frame.mesh, target, frame.pose);
  const Image kept = renderer.render(frame.picture, frame.mesh, target, frame.pose, &covered);
  const Point2 mouth = {frame.mesh[0].x, frame.mesh[0].y};
  for (int dy = 0; dy < 20; ++dy)
    for (int c = 0; c < 3; ++c) {
      const int x = static_cast<int>(mouth.x), y = static_cast<int>(mouth.y) + dy;
      EXPECT_EQ(kept.at(x, y)[c], frame.picture.at(x, y)[c]);
    }
  EXPECT_NE(bare.rgb, kept.rgb);
}

}  // namespace
}  // namespace visema
