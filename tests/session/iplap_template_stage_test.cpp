#include "iplap_template_stage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "session_fixture.h"
#include "visema/core/iplap_points.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

constexpr int kWidth = 200;
constexpr int kHeight = 160;
constexpr int kMarginPx = 5;

/// All points of a face on a ring of 40 px around `x`, 80.
TrackedFace ring(float x) {
  TrackedFace face;
  for (int i = 0; i < kMeshPoints; ++i) {
    const float angle = 2 * static_cast<float>(M_PI) * static_cast<float>(i) / kMeshPoints;
    face.mesh[i] = {x + 40 * std::cos(angle), 80 + 40 * std::sin(angle), 0};
  }
  return face;
}

/// A video of ten frames, 25 a second, whose face moves a pixel to the right a frame; `without`
/// hold none.
class IplapTemplateStageTest : public ScratchTest {
 protected:
  Avatar avatar(const std::vector<int>& without) {
    Avatar result;
    result.is_still = false;
    result.width = kWidth;
    result.height = kHeight;
    result.fps = {25, 1};
    result.media_path = folder_ / "template.mp4";
    VideoWriterOptions options;
    options.width = kWidth;
    options.height = kHeight;
    VideoWriter writer(result.media_path, options);
    for (int i = 0; i < 10; ++i) {
      Image picture(kWidth, kHeight);
      std::fill(picture.rgb.begin(), picture.rgb.end(), static_cast<std::uint8_t>(40 + 15 * i));
      writer.write_video(picture);
      result.frames.push_back({i, i / 25.0, ring(60 + static_cast<float>(i))});
    }
    writer.finish();
    for (const int i : without) result.frames[i].face.reset();
    return result;
  }

  static IplapPlacedFrame place(const Avatar& avatar, FrameIndex frame, Rational fps) {
    TemplateSource source(avatar, fps, TemplateLoop::kHold);
    IplapTemplateStage stage(source, avatar, fps, kMarginPx);
    std::vector<IplapPlacedFrame> placed;
    IplapHeardFrame heard;
    heard.speech = {frame, std::vector<float>(kIpLapWindow * kIplapMelValues, 0.5F)};
    heard.sound.push_back({0, 16000, 1, {0.25F}});
    stage.process(std::move(heard),
                  [&](IplapPlacedFrame item) { placed.push_back(std::move(item)); });
    return placed.at(0);
  }

  /// Left edges of the five crops, which move with the face.
  static std::vector<int> lefts(const IplapPlacedFrame::Face& face) {
    std::vector<int> edges;
    for (const PixelBox& crop : face.crops) edges.push_back(crop.x0);
    return edges;
  }
};

TEST_F(IplapTemplateStageTest, GivesThePosesAroundTheFrame) {
  const Avatar avatar = this->avatar({});
  const IplapPlacedFrame placed = place(avatar, 4, {25, 1});
  ASSERT_TRUE(placed.picture && placed.face);
  EXPECT_EQ(placed.face->mesh, &avatar.frames[4].face->mesh);
  const int left = placed.face->crop().x0;
  EXPECT_NEAR(left, 64 - 40 - kMarginPx, 1);
  EXPECT_EQ(lefts(*placed.face), (std::vector<int>{left - 2, left - 1, left, left + 1, left + 2}));
  const auto [low, high] =
      std::minmax_element(placed.face->poses.begin(), placed.face->poses.end());
  EXPECT_GT(*low, 0);
  EXPECT_LT(*high, 1);
  EXPECT_EQ(placed.face->mels.size(), std::size_t{kIpLapWindow} * kIplapMelValues);
  EXPECT_EQ(placed.sound.size(), 1U);
}

TEST_F(IplapTemplateStageTest, RepeatsTheEndsOfTheTemplate) {
  const Avatar avatar = this->avatar({});
  const auto first = lefts(*place(avatar, 0, {25, 1}).face);
  EXPECT_EQ(first, (std::vector<int>{first[2], first[2], first[2], first[2] + 1, first[2] + 2}));
  const auto last = lefts(*place(avatar, 9, {25, 1}).face);
  EXPECT_EQ(last, (std::vector<int>{last[2] - 2, last[2] - 1, last[2], last[2], last[2]}));
}

TEST_F(IplapTemplateStageTest, WindowsKeepTheirLengthAtOtherFrameRates) {
  const Avatar avatar = this->avatar({});
  EXPECT_EQ(lefts(*place(avatar, 8, {50, 1}).face), lefts(*place(avatar, 4, {25, 1}).face));
}

TEST_F(IplapTemplateStageTest, AFrameWithoutAFacePassesAndNeighboursLendTheirPose) {
  const Avatar avatar = this->avatar({3, 5, 6});
  EXPECT_FALSE(place(avatar, 3, {25, 1}).face);
  EXPECT_TRUE(place(avatar, 3, {25, 1}).picture);
  const auto edges = lefts(*place(avatar, 4, {25, 1}).face);
  const int left = edges[2];
  EXPECT_EQ(edges, (std::vector<int>{left - 2, left, left, left, left}));
}

TEST_F(IplapTemplateStageTest, SoundWithoutAFramePasses) {
  const Avatar avatar = this->avatar({});
  TemplateSource source(avatar, {25, 1}, TemplateLoop::kHold);
  IplapTemplateStage stage(source, avatar, {25, 1}, kMarginPx);
  std::size_t blocks = 0;
  IplapHeardFrame rest;
  rest.sound.push_back({0, 16000, 1, {0.25F}});
  stage.process(std::move(rest), [&](IplapPlacedFrame item) {
    EXPECT_FALSE(item.picture || item.face);
    blocks += item.sound.size();
  });
  EXPECT_EQ(blocks, 1U);
}

}  // namespace
}  // namespace visema::session
