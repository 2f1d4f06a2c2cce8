#include "face_fade.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace visema::session {
namespace {

constexpr int kFrames = 40;

Avatar filmed_head() {
  Avatar avatar;
  avatar.is_still = false;
  avatar.fps = {25, 1};
  for (int i = 0; i < kFrames; ++i) avatar.frames.push_back({i, i / 25.0, TrackedFace{}});
  return avatar;
}

void turn(Avatar& avatar, int frame, float degrees) {
  const float angle = degrees * std::numbers::pi_v<float> / 180;
  avatar.frames[frame].face->pose.rotation = {std::cos(angle),  0, std::sin(angle), 0, 1, 0,
                                              -std::sin(angle), 0, std::cos(angle)};
}

TEST(FaceFade, AFaceThatIsAlwaysThereIsPaintedInFull) {
  Avatar avatar = filmed_head();
  turn(avatar, 7, 30);
  const FaceFade fade(avatar, false);
  for (int i = 0; i < kFrames; ++i) EXPECT_EQ(fade.at(i), 1) << i;
}

TEST(FaceFade, ALostTrackFadesOutAndIn) {
  Avatar avatar = filmed_head();
  for (int i = 15; i < 20; ++i) avatar.frames[i].face.reset();
  const FaceFade fade(avatar, false);
  EXPECT_EQ(fade.at(9), 1);
  for (int i = 15; i < 20; ++i) EXPECT_EQ(fade.at(i), 0) << i;
  for (int i = 10; i < 15; ++i) EXPECT_NEAR(fade.at(i), 0.2 * (15 - i), 1e-5) << i;
  for (int i = 20; i < 25; ++i) EXPECT_NEAR(fade.at(i), 0.2 * (i - 19), 1e-5) << i;
  EXPECT_EQ(fade.at(24), 1);
}

TEST(FaceFade, FadesOverTheSeamOfALoop) {
  Avatar avatar = filmed_head();
  avatar.frames.back().face.reset();
  EXPECT_EQ(FaceFade(avatar, false).at(0), 1);
  const FaceFade fade(avatar, true);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(fade.at(i), 0.2 * (i + 1), 1e-5) << i;
  EXPECT_EQ(fade.at(4), 1);
  avatar = filmed_head();
  avatar.frames.front().face.reset();
  EXPECT_NEAR(FaceFade(avatar, true).at(kFrames - 1), 0.2, 1e-5);
}

TEST(FaceFade, AHeadTurnedAwayKeepsItsOwnPixels) {
  Avatar avatar = filmed_head();
  turn(avatar, 20, -70);
  turn(avatar, 5, 52.5F);
  const FaceFade fade(avatar, false);
  EXPECT_EQ(fade.at(20), 0);
  EXPECT_NEAR(fade.at(5), 0.5, 1e-4);
  EXPECT_NEAR(fade.at(6), 0.7, 1e-4);
}

TEST(FaceFade, HiddenLipsKeepTheirOwnPixels) {
  Avatar avatar = filmed_head();
  avatar.covers = {{5, {}, 0.3F}, {20, {}, 0.9F}, {21, {}, 0.5F}};
  const FaceFade fade(avatar, false);
  EXPECT_EQ(fade.at(5), 1);
  EXPECT_EQ(fade.at(20), 0);
  EXPECT_NEAR(fade.at(18), 0.4, 1e-4);
  EXPECT_NEAR(fade.at(21), 0.2, 1e-4);
  EXPECT_NEAR(fade.at(22), 0.4, 1e-4);
  EXPECT_EQ(fade.at(15), 1);
}

TEST(FaceFade, APictureIsAlwaysPainted) {
  Avatar avatar = filmed_head();
  avatar.is_still = true;
  avatar.frames.resize(1);
  turn(avatar, 0, 80);
  EXPECT_EQ(FaceFade(avatar, false).at(0), 1);
}

}  // namespace
}  // namespace visema::session
