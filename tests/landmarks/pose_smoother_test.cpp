#include "visema/landmarks/pose_smoother.h"

#include <gtest/gtest.h>

#include <random>

#include "test_face.h"
#include "visema/core/error.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

std::vector<LandmarkFrame> turning_head(const CanonicalFace& face, int count, float noise_px) {
  std::mt19937 random(5);
  std::normal_distribution<float> noise(0, 1);
  std::vector<LandmarkFrame> frames(count);
  for (int i = 0; i < count; ++i) {
    const float t = i / 25.0F;
    HeadPose pose;
    pose.scale = 100;
    pose.rotation = rotation_of({0.1F * std::sin(2 * t), 0.2F * std::sin(3 * t), 0.05F * t});
    pose.translation = {300 + 40 * t, 200 + 10 * t * t, 0};
    TrackedFace tracked;
    tracked.pose = pose;
    tracked.pose.translation.x += noise_px * noise(random);
    tracked.pose.translation.y += noise_px * noise(random);
    tracked.mesh = project(face.mesh(), tracked.pose);
    frames[i].index = i;
    frames[i].time_s = t;
    frames[i].face = tracked;
  }
  return frames;
}

TEST(PoseSmoother, lets_real_motion_pass) {
  VISEMA_TEST_FACE(face);
  const auto truth = turning_head(face, 50, 0);
  auto frames = truth;
  PoseSmoother().smooth(frames);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_LT(largest_distance(frames[i].face->mesh, truth[i].face->mesh), 0.05) << i;
  }
}

TEST(PoseSmoother, takes_out_jitter) {
  VISEMA_TEST_FACE(face);
  const auto truth = turning_head(face, 100, 0);
  auto frames = turning_head(face, 100, 1);
  const auto error = [&] {
    double sum = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      sum += distance(frames[i].face->mesh[1], truth[i].face->mesh[1]);
    }
    return sum / frames.size();
  };
  const double before = error();
  PoseSmoother().smooth(frames);
  EXPECT_LT(error(), 0.75 * before);
}

TEST(PoseSmoother, keeps_articulation) {
  VISEMA_TEST_FACE(face);
  auto frames = turning_head(face, 20, 1);
  std::vector<FaceMesh> before;
  for (const auto& f : frames) before.push_back(stabilise(f.face->mesh, f.face->pose));
  PoseSmoother().smooth(frames);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_LT(largest_distance(stabilise(frames[i].face->mesh, frames[i].face->pose), before[i]),
              1e-4);
  }
}

TEST(PoseSmoother, does_not_mix_across_gaps_and_cuts) {
  VISEMA_TEST_FACE(face);
  auto frames = turning_head(face, 40, 0);
  for (int i = 20; i < 40; ++i) {
    auto& pose = frames[i].face->pose;
    pose.translation.x += 200;
    frames[i].face->mesh = project(face.mesh(), pose);
  }
  frames[10].face.reset();
  const auto truth = frames;
  PoseSmoother().smooth(frames);
  EXPECT_FALSE(frames[10].face);
  for (int i : {9, 11, 19, 20}) {
    EXPECT_LT(largest_distance(frames[i].face->mesh, truth[i].face->mesh), 0.1) << i;
  }
}

TEST(PoseSmoother, stands_short_runs_and_equal_times) {
  VISEMA_TEST_FACE(face);
  std::vector<LandmarkFrame> none;
  PoseSmoother().smooth(none);
  auto frames = turning_head(face, 5, 0);
  for (auto& f : frames) f.time_s = 0;
  PoseSmoother().smooth(frames);
  for (const auto& f : frames) EXPECT_TRUE(std::isfinite(f.face->mesh[1].x));
  EXPECT_THROW(PoseSmoother({.sigma_s = 0}), Error);
}

}  // namespace
}  // namespace visema
