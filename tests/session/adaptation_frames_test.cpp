#include "adaptation_frames.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr std::size_t kUpperLip[] = {13, 82, 312, 81, 311, 80, 310};
constexpr std::size_t kLowerLip[] = {14, 87, 317, 178, 402, 88, 318};

/// A head that looks at the camera, 100 px between the eyes, whose lips part by `gap` of that.
TrackedFace face(float gap) {
  TrackedFace face;
  face.pose.scale = 100;
  for (const std::size_t i : kUpperLip) face.mesh[i].y = -50 * gap;
  for (const std::size_t i : kLowerLip) face.mesh[i].y = 50 * gap;
  return face;
}

/// 25 frames a second of a mouth that opens by `gap` twice a second, cut at frames 10 and 40.
Avatar talking(std::size_t frames, float gap) {
  Avatar avatar;
  avatar.is_still = false;
  avatar.fps = {25, 1};
  for (std::size_t i = 0; i < frames; ++i) {
    const float phase = static_cast<float>(i) / 12.5F * 2 * static_cast<float>(M_PI);
    avatar.frames.push_back({static_cast<FrameIndex>(i), static_cast<double>(i) / 25,
                             face(gap * (0.5F - 0.5F * std::cos(phase)))});
  }
  avatar.references.resize(3);
  avatar.references[0].frame = 10;
  avatar.references[1].frame = 40;
  avatar.references[2].frame = 41;
  return avatar;
}

AdaptationSplit split(const Avatar& avatar) {
  return split_frames(avatar, "anna.mp4", 1500, 32);
}

std::string refusal(const Avatar& avatar) {
  try {
    split(avatar);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    return error.what();
  }
  return "accepted";
}

std::size_t distance(std::size_t a, std::size_t b) {
  return a > b ? a - b : b - a;
}

TEST(AdaptationFrames, WhatJudgesIsApartFromWhatIsLearned) {
  const AdaptationSplit frames = split(talking(500, 0.15F));
  EXPECT_GE(frames.held_out.size(), 30U);
  EXPECT_GE(frames.learning.size(), 400U);
  for (const std::size_t held : frames.held_out)
    for (const std::size_t learned : frames.learning) EXPECT_GE(distance(held, learned), 3U);
}

TEST(AdaptationFrames, ApartIsMeasuredInTime) {
  Avatar avatar = talking(600, 0.15F);
  avatar.fps = {60, 1};
  const AdaptationSplit frames = split(avatar);
  for (const std::size_t learned : frames.learning) {
    EXPECT_GE(distance(learned, 10), 7U);
    for (const std::size_t held : frames.held_out) EXPECT_GE(distance(held, learned), 7U);
  }
}

TEST(AdaptationFrames, FiveSecondsAreJudgedInTwoPlaces) {
  const AdaptationSplit frames = split(talking(130, 0.15F));  // 120 usable: ten half seconds
  ASSERT_EQ(frames.held_out.size(), 24U);
  EXPECT_GT(distance(frames.held_out.front(), frames.held_out.back()), 48U);
}

TEST(AdaptationFrames, FramesLikeTheReferencesAreLeftOut) {
  const AdaptationSplit frames = split(talking(500, 0.15F));
  for (const auto* list : {&frames.learning, &frames.held_out})
    for (const std::size_t frame : *list) {
      EXPECT_GE(distance(frame, 10), 3U);
      EXPECT_GE(distance(frame, 40), 3U);
    }
}

TEST(AdaptationFrames, OnlyFramesThatArePaintedInFull) {
  Avatar avatar = talking(500, 0.15F);
  for (std::size_t i = 100; i < 150; ++i) avatar.frames[i].face.reset();
  const AdaptationSplit frames = split(avatar);
  for (const auto* list : {&frames.learning, &frames.held_out})
    for (const std::size_t frame : *list) EXPECT_TRUE(frame < 96 || frame > 153) << frame;
}

TEST(AdaptationFrames, ALongVideoIsThinnedOut) {
  const AdaptationSplit frames = split(talking(5000, 0.15F));
  EXPECT_EQ(frames.learning.size(), 1500U);
  EXPECT_EQ(frames.held_out.size(), 32U);
  EXPECT_GT(frames.learning.back(), 4900U);
  EXPECT_GT(frames.held_out.back(), 4500U);
}

TEST(AdaptationFrames, TooLittleOfATalkingFaceIsRefused) {
  EXPECT_EQ(refusal(talking(100, 0.15F)), "accepted");
  EXPECT_THAT(refusal(talking(80, 0.15F)), testing::HasSubstr("anna.mp4: 2."));
  EXPECT_THAT(refusal(talking(80, 0.15F)), testing::HasSubstr("needs 3 s"));
  EXPECT_THAT(refusal(talking(100, 0.02F)), testing::HasSubstr("needs a talking face"));
  Avatar lost = talking(500, 0.15F);
  for (LandmarkFrame& frame : lost.frames) frame.face.reset();
  EXPECT_THAT(refusal(lost), testing::HasSubstr("anna.mp4: 0.0 s"));
}

TEST(AdaptationFrames, SecondsOfFewFramesAreRefused) {
  Avatar slow = talking(40, 0.15F);
  slow.fps = {5, 1};
  EXPECT_EQ(refusal(slow),
            "anna.mp4: 23 frames to learn from and 4 to judge by: --adapt needs 40 and 8");
}

}  // namespace
}  // namespace visema::session
