#include "visema/evaluation/lip_distance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "visema/core/face_points.h"

namespace visema {
namespace {

/// A flat face whose lips are `gap` apart in a face one unit wide.
FaceMesh face_with_gap(float gap) {
  FaceMesh face{};
  face[234] = {-0.5F, 0.5F, 0};
  face[454] = {0.5F, 0.5F, 0};
  for (const auto& [upper, lower] : kLipGapPairs) {
    face[upper] = {0, 0.8F - gap / 2, 0};
    face[lower] = {0, 0.8F + gap / 2, 0};
  }
  return face;
}

MeasuredFace measured(const FaceMesh& canonical, float scale = 100) {
  MeasuredFace face{canonical, canonical};
  for (Point3& p : face.px) p = {p.x * scale + 200, p.y * scale + 200, p.z};
  return face;
}

float gap_at(int frame) {
  return 0.05F + 0.03F * std::sin(static_cast<float>(frame) * 0.5F);
}

TEST(LipDistanceTest, OpennessIsTheGapOverTheFacesWidth) {
  EXPECT_NEAR(openness(face_with_gap(0.08F)), 0.08, 1e-6);
  EXPECT_EQ(openness(face_with_gap(-0.01F)), 0);
}

TEST(LipDistanceTest, TheSameFaceHasNoDistance) {
  LipDistance distance;
  for (int f = 0; f < 20; ++f) {
    const MeasuredFace face = measured(face_with_gap(gap_at(f)));
    distance.push(f / 25.0, face, f / 25.0, face);
  }
  const auto r = distance.result();
  ASSERT_TRUE(r);
  EXPECT_EQ(r->distance_px, 0);
  EXPECT_EQ(r->velocity_distance, 0);
  EXPECT_NEAR(r->correlation.value(), 1, 1e-9);
  EXPECT_NEAR(r->gain.value(), 1, 1e-9);
}

TEST(LipDistanceTest, AShiftedFaceIsAsFarAsItWasShifted) {
  LipDistance distance;
  for (int f = 0; f < 5; ++f) {
    const MeasuredFace real = measured(face_with_gap(gap_at(f)));
    MeasuredFace face = real;
    for (Point3& p : face.px) p.x += 3, p.y += 4;
    for (Point3& p : face.canonical) p.y += 0.02F;
    distance.push(f / 25.0, face, f / 25.0, real);
  }
  const auto r = distance.result();
  EXPECT_NEAR(r->distance_px, 5, 1e-4);
  EXPECT_NEAR(r->face_distance_px, 5, 1e-4);
  EXPECT_NEAR(r->distance, 0.02, 1e-6);
  EXPECT_NEAR(r->velocity_distance, 0, 1e-5);
}

TEST(LipDistanceTest, PicturesOfAnotherSizeAreScaled) {
  LipDistance distance(2, 2);
  for (int f = 0; f < 3; ++f) {
    MeasuredFace real = measured(face_with_gap(gap_at(f)));
    MeasuredFace face = real;
    for (Point3& p : face.px) p = {p.x * 2, p.y * 2, p.z};
    distance.push(f / 25.0, face, f / 25.0, real);
  }
  EXPECT_NEAR(distance.result()->distance_px, 0, 1e-4);
}

TEST(LipDistanceTest, HalfTheMovementIsAGainOfAHalf) {
  LipDistance distance, opposite, frozen, still;
  for (int f = 0; f < 50; ++f) {
    const MeasuredFace real = measured(face_with_gap(gap_at(f)));
    const double t = f / 25.0;
    distance.push(t, measured(face_with_gap(gap_at(f) / 2)), t, real);
    opposite.push(t, measured(face_with_gap(0.1F - gap_at(f))), t, real);
    frozen.push(t, measured(face_with_gap(0.05F)), t, real);
    still.push(t, real, t, measured(face_with_gap(0.05F)));
  }
  EXPECT_NEAR(distance.result()->gain.value(), 0.5, 1e-3);
  EXPECT_NEAR(distance.result()->correlation.value(), 1, 1e-6);
  EXPECT_GT(distance.result()->velocity_distance, 0);
  EXPECT_NEAR(opposite.result()->correlation.value(), -1, 1e-6);
  EXPECT_NEAR(frozen.result()->gain.value(), 0, 1e-3);
  EXPECT_NEAR(frozen.result()->correlation.value(), 0, 1e-3);
  EXPECT_FALSE(still.result()->gain);
}

/// A mouth that opens and closes evenly, each in 0.4 s: whole steps of all frame rates below.
MeasuredFace mouth_at(double time_s) {
  const double phase = std::fmod(time_s, 0.8);
  return measured(face_with_gap(static_cast<float>(0.2 * (phase < 0.4 ? phase : 0.8 - phase))));
}

/// Of a video against a real one of other rates, each frame with the real frame nearest in time; of
/// two that are equally near, the later.
double velocity_distance(double fps, double real_fps, const MeasuredFace* still = nullptr) {
  LipDistance distance;
  for (int f = 0; f < 4 * fps; ++f) {
    const double t = f / fps;
    const double real_t = std::floor(t * real_fps + 0.5 + 1e-6) / real_fps;
    distance.push(t, still != nullptr ? *still : mouth_at(t), real_t, mouth_at(real_t));
  }
  return distance.result().value().velocity_distance;
}

TEST(LipDistanceTest, VelocitiesDoNotDependOnTheFrameRates) {
  const MeasuredFace still = measured(face_with_gap(0.02F));
  const double lips_that_move = velocity_distance(25, 25, &still);
  EXPECT_GT(lips_that_move, 0.001);
  for (const auto& [fps, real_fps] :
       {std::pair(50, 25), {25, 50}, {100, 25}, {30, 25}, {10, 10}, {5, 25}}) {
    EXPECT_NEAR(velocity_distance(fps, real_fps), 0, 1e-5) << fps << " against " << real_fps;
    EXPECT_NEAR(velocity_distance(fps, real_fps, &still), lips_that_move, 1e-5)
        << fps << " against " << real_fps;
  }
}

TEST(LipDistanceTest, VelocitiesBeginAnewAfterAMissingFace) {
  LipDistance distance;
  for (const double t : {0.0, 0.04, 0.4, 0.44}) {
    if (t == 0.4) distance.skip();
    const MeasuredFace face = measured(face_with_gap(t < 0.2 ? 0.02F : 0.08F));
    distance.push(t, face, t, measured(face_with_gap(0.02F)));
  }
  EXPECT_EQ(distance.result()->velocity_distance, 0);
}

TEST(LipDistanceTest, NothingBeforeTwoFrames) {
  LipDistance distance;
  EXPECT_FALSE(distance.result());
  const MeasuredFace face = measured(face_with_gap(0));
  distance.push(0, face, 0, face);
  EXPECT_FALSE(distance.result());
  distance.push(0.02, face, 0, face);  // the same real frame
  EXPECT_FALSE(distance.result());
  distance.push(0.04, face, 0.04, face);
  EXPECT_TRUE(distance.result());
}

}  // namespace
}  // namespace visema
