#include <gtest/gtest.h>

#include <random>

#include "test_face.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

HeadPose pose_of(float scale, HeadAngles turn, float x, float y) {
  HeadPose pose;
  pose.scale = scale;
  pose.rotation = rotation_of(turn);
  pose.translation = {x, y, 3};
  return pose;
}

void expect_angles(const HeadPose& pose, HeadAngles expected, float tolerance) {
  const auto got = angles(pose);
  EXPECT_NEAR(got.pitch, expected.pitch, tolerance);
  EXPECT_NEAR(got.yaw, expected.yaw, tolerance);
  EXPECT_NEAR(got.roll, expected.roll, tolerance);
}

TEST(HeadPose, recovers_known_poses) {
  VISEMA_TEST_FACE(face);
  for (float pitch : {-0.4F, 0.0F, 0.3F}) {
    for (float yaw : {-0.8F, 0.0F, 0.5F}) {
      for (float roll : {-0.6F, 0.0F, 1.2F}) {
        const auto pose = pose_of(120, {pitch, yaw, roll}, 320, 200);
        const auto got = fit_head_pose(project(face.mesh(), pose), face);
        EXPECT_NEAR(got.scale, 120, 1e-2);
        EXPECT_NEAR(got.translation.x, 320, 1e-2);
        EXPECT_NEAR(got.translation.y, 200, 1e-2);
        expect_angles(got, {pitch, yaw, roll}, 1e-4F);
      }
    }
  }
}

TEST(HeadPose, stands_noise) {
  VISEMA_TEST_FACE(face);
  std::mt19937 random(7);
  std::normal_distribution<float> noise(0, 1.0F);  // 1 px where the eyes are 120 px apart
  const HeadAngles turn = {0.1F, -0.2F, 0.05F};
  double error = 0;
  for (int trial = 0; trial < 20; ++trial) {
    auto mesh = project(face.mesh(), pose_of(120, turn, 320, 200));
    for (auto& p : mesh) p = {p.x + noise(random), p.y + noise(random), p.z + noise(random)};
    const auto got = fit_head_pose(mesh, face);
    expect_angles(got, turn, 0.015F);
    error += std::abs(got.scale - 120) / 20;
  }
  EXPECT_LT(error, 0.5);
}

TEST(HeadPose, does_not_see_the_mouth) {
  VISEMA_TEST_FACE(face);
  auto mesh = project(face.mesh(), pose_of(100, {0.1F, 0.2F, 0.3F}, 0, 0));
  const auto before = fit_head_pose(mesh, face);
  const auto lower = lower_face_weights(face.mesh());
  for (int i = 0; i < kMeshPoints; ++i) mesh[i].y += 30 * lower[i];
  const auto after = fit_head_pose(mesh, face);
  EXPECT_EQ(before.scale, after.scale);
  EXPECT_EQ(before.rotation, after.rotation);
}

TEST(HeadPose, project_undoes_stabilise) {
  const auto faces = golden_faces();
  VISEMA_TEST_FACE(face);
  if (faces.empty()) GTEST_SKIP() << "golden faces are absent";
  for (const auto& mesh : faces) {
    const auto pose = fit_head_pose(mesh, face);
    const auto canonical = stabilise(mesh, pose);
    EXPECT_LT(largest_distance(project(canonical, pose), mesh), 2e-3);
    const float eyes = distance(canonical[33], canonical[263]);
    EXPECT_GT(eyes, 0.8);
    EXPECT_LT(eyes, 1.2);
    EXPECT_LT(distance(stabilise(mesh[5], pose), canonical[5]), 1e-6);
    EXPECT_LT(distance(project(canonical[5], pose), mesh[5]), 1e-3);
  }
}

TEST(HeadPose, stabilised_face_does_not_depend_on_the_pose) {
  VISEMA_TEST_FACE(face);
  FaceMesh person = face.mesh();
  std::mt19937 random(3);
  std::normal_distribution<float> other(0, 0.02F);
  for (auto& p : person) p = {p.x + other(random), p.y + other(random), p.z + other(random)};
  const auto still = project(person, pose_of(100, {}, 50, 60));
  const auto moved = project(person, pose_of(230, {0.3F, 0.6F, -0.4F}, 700, 20));
  EXPECT_LT(largest_distance(stabilise(still, fit_head_pose(still, face)),
                             stabilise(moved, fit_head_pose(moved, face))),
            1e-4);
}

TEST(HeadPose, refuses_points_without_extent) {
  VISEMA_TEST_FACE(face);
  FaceMesh mesh{};
  EXPECT_THROW(fit_head_pose(mesh, face), Error);
  mesh = face.mesh();
  mesh[33].x = NAN;
  EXPECT_THROW(fit_head_pose(mesh, face), Error);
}

TEST(HeadPose, turns_as_documented) {
  VISEMA_TEST_FACE(face);
  const auto pose = pose_of(100, {}, 0, 0);
  const auto nose = project(face.mesh()[1], pose);
  EXPECT_GT(project(face.mesh()[1], rotate(pose, {0.1F, 0, 0})).y, nose.y);  // looks down
  EXPECT_LT(project(face.mesh()[1], rotate(pose, {0, 0.1F, 0})).x, nose.x);  // to the left
  EXPECT_GT(project(face.mesh()[10], rotate(pose, {0, 0, 0.1F})).x, 0);      // clockwise
  expect_angles(rotate(pose, {0.1F, -0.2F, 0.3F}), {0.1F, -0.2F, 0.3F}, 1e-5F);
}

TEST(HeadPose, pivot_stays_and_turns_can_be_undone) {
  const auto pose = pose_of(80, {0.2F, 0.4F, -0.1F}, 10, 20);
  const auto turned = rotate(pose, {0.3F, 0.1F, 0.2F});
  EXPECT_LT(distance(project(kNeckPivot, turned), project(kNeckPivot, pose)), 1e-3);
  auto back = rotate(pose, {0.3F, 0, 0});
  back = rotate(back, {-0.3F, 0, 0});
  EXPECT_LT(distance(project(Point3{1, 1, 1}, back), project(Point3{1, 1, 1}, pose)), 1e-3);
}

TEST(HeadPose, motion_adds_turn_and_shift) {
  const auto pose = pose_of(80, {}, 10, 20);
  FaceMotion motion;
  motion.head_shift = {0.5F, -0.25F};
  const auto moved = add_head_motion(pose, motion);
  EXPECT_NEAR(moved.translation.x, 50, 1e-4);
  EXPECT_NEAR(moved.translation.y, 0, 1e-4);
  motion.head_rotation_rad = {0.1F, 0.05F, 0.02F};
  expect_angles(add_head_motion(pose, motion), {0.1F, 0.05F, 0.02F}, 1e-5F);
}

TEST(HeadPose, composes_like_the_points) {
  const auto first = pose_of(80, {0.2F, 0.4F, -0.1F}, 10, 20);
  const auto then = pose_of(1.5F, {0, 0, 0.3F}, -4, 7);
  const Point3 p = {0.3F, -0.2F, 0.5F};
  EXPECT_LT(distance(project(p, compose(then, first)), project(project(p, first), then)), 1e-3);
}

}  // namespace
}  // namespace visema
