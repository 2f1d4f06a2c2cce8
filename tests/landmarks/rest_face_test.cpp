#include "visema/landmarks/rest_face.h"

#include <gtest/gtest.h>

#include <random>

#include "test_face.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

// A jaw that drops the lower lip and the chin by `drop`.
FaceMesh open_mouth(const FaceMesh& closed, float drop) {
  FaceMesh out = closed;
  const auto lower = lower_face_weights(closed);
  for (int i = 0; i < kMeshPoints; ++i) {
    if (closed[i].y > closed[17].y) out[i].y += drop * lower[i];
  }
  for (const auto* ring : {&kOuterLips, &kOuterLipRing, &kInnerLipRing, &kInnerLips}) {
    for (int i = 11; i < 20; ++i) {
      out[(*ring)[i]].y = closed[(*ring)[i]].y + drop * (1 - std::abs(i - 15) / 6.0F);
    }
  }
  return out;
}

TEST(RestFace, is_the_closed_mouth_of_a_talking_face) {
  VISEMA_TEST_FACE(face);
  const auto closed = close_mouth(face.mesh(), face);
  std::vector<FaceMesh> frames;
  for (int i = 0; i < 100; ++i) {
    const float drop = 0.3F * std::abs(std::sin(i * 0.37F));
    frames.push_back(i % 5 == 0 ? closed : open_mouth(closed, drop));
  }
  const auto rest = estimate_rest_face(frames);
  EXPECT_LT(largest_distance(rest, closed), 0.02);
  EXPECT_LT(inner_lip_gap(rest), kRestLipGap);
}

TEST(RestFace, ignores_bad_frames_and_outliers) {
  VISEMA_TEST_FACE(face);
  const auto closed = close_mouth(face.mesh(), face);
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 0.003F);
  std::vector<FaceMesh> frames(60, closed);
  std::vector<std::uint8_t> valid(60, 1);
  for (auto& mesh : frames) {
    for (auto& p : mesh) p = {p.x + noise(random), p.y + noise(random), p.z};
  }
  for (int i = 0; i < 20; ++i) {
    valid[i] = 0;
    for (auto& p : frames[i]) p.y = -5 * p.y;
  }
  EXPECT_LT(largest_distance(estimate_rest_face(frames, valid), closed), 0.02);
}

TEST(RestFace, keeps_the_eyes_open) {
  VISEMA_TEST_FACE(face);
  auto blink = close_mouth(face.mesh(), face);
  for (int i = 0; i < 7; ++i) blink[kLeftEye[1 + i]] = blink[kLeftEye[15 - i]];
  std::vector<FaceMesh> frames(20, open_mouth(close_mouth(face.mesh(), face), 0.2F));
  for (const int i : {3, 8, 15}) frames[i] = blink;  // all that have a closed mouth
  const auto rest = estimate_rest_face(frames);
  EXPECT_GT(eye_aspect(rest, Eye::kLeft), 0.1);
  EXPECT_LT(inner_lip_gap(rest), 0.03);
}

TEST(RestFace, one_frame_is_its_own_rest) {
  VISEMA_TEST_FACE(face);
  const std::vector<FaceMesh> one = {face.mesh()};
  EXPECT_LT(largest_distance(estimate_rest_face(one), face.mesh()), 1e-6);
}

TEST(RestFace, refuses_no_frames) {
  EXPECT_THROW(estimate_rest_face({}), Error);
  const std::vector<FaceMesh> one(1);
  const std::vector<std::uint8_t> none = {0};
  EXPECT_THROW(estimate_rest_face(one, none), Error);
  const std::vector<std::uint8_t> two = {1, 1};
  EXPECT_THROW(estimate_rest_face(one, two), Error);
}

TEST(CloseMouth, closes_a_dropped_jaw_and_brings_the_chin_back) {
  VISEMA_TEST_FACE(face);
  const auto closed = close_mouth(face.mesh(), face);
  const auto open = open_mouth(closed, 0.3F);
  const auto again = close_mouth(open, face);
  EXPECT_NEAR(inner_lip_gap(again), 0, 1e-4);
  EXPECT_LT(again[152].y, open[152].y - 0.12F);
  for (const auto i : kNose) EXPECT_EQ(distance(again[i], open[i]), 0);
  for (const auto i : kRightEye) EXPECT_EQ(distance(again[i], open[i]), 0);
}

TEST(CloseMouth, keeps_lip_thickness_and_does_not_fold) {
  VISEMA_TEST_FACE(face);
  const auto open = open_mouth(close_mouth(face.mesh(), face), 0.25F);
  const auto closed = close_mouth(open, face);
  for (const int c : {3, 4, 5, 6, 7}) {
    const auto thickness = [c](const FaceMesh& m, int side) {
      const int i = side == 0 ? c : 20 - c;
      return std::abs(m[kOuterLips[i]].y - m[kInnerLips[i]].y);
    };
    EXPECT_NEAR(thickness(closed, 0), thickness(open, 0), 1e-4);
    EXPECT_NEAR(thickness(closed, 1), thickness(open, 1), 1e-4);
  }
  EXPECT_LT(closed[17].y, closed[18].y);
  EXPECT_LT(closed[18].y, closed[200].y);
  EXPECT_LT(closed[200].y, closed[152].y);
  EXPECT_LT(closed[2].y, closed[164].y);
  EXPECT_LT(closed[164].y, closed[0].y);
}

TEST(CloseMouth, small_gap_leaves_the_chin) {
  VISEMA_TEST_FACE(face);
  const auto closed = close_mouth(face.mesh(), face);
  const auto parted = open_mouth(closed, 0.03F);
  EXPECT_LT(std::abs(close_mouth(parted, face)[152].y - parted[152].y), 0.005);
}

TEST(CloseMouth, closed_face_is_unchanged) {
  VISEMA_TEST_FACE(face);
  auto closed = close_mouth(face.mesh(), face);
  closed[14].y = closed[13].y - 0.001F;
  for (const int i : {87, 317}) closed[i].y = closed[82].y - 0.001F;
  EXPECT_EQ(largest_distance(close_mouth(closed, face), closed), 0);
}

TEST(CloseMouth, works_on_real_faces) {
  const auto faces = golden_faces();
  VISEMA_TEST_FACE(face);
  if (faces.empty()) GTEST_SKIP() << "golden faces are absent";
  for (const auto& px : faces) {
    const auto mesh = stabilise(px, fit_head_pose(px, face));
    const auto closed = close_mouth(mesh, face);
    EXPECT_LE(inner_lip_gap(closed), std::max(1e-4F, inner_lip_gap(mesh)));
    EXPECT_LT(closed[17].y, closed[18].y);
    EXPECT_LT(closed[200].y, closed[152].y);
  }
}

}  // namespace
}  // namespace visema
