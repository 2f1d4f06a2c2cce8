#include <gtest/gtest.h>

#include <set>

#include "test_face.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

template <std::size_t N>
void expect_distinct(const std::array<std::uint16_t, N>& points) {
  EXPECT_EQ(std::set<int>(points.begin(), points.end()).size(), N);
  for (const auto i : points) EXPECT_LT(i, kMeshPoints);
}

TEST(FaceRegions, have_distinct_points) {
  expect_distinct(kLips);
  expect_distinct(kFaceOval);
  expect_distinct(kNose);
  expect_distinct(kRightEye);
  expect_distinct(kLeftEye);
  expect_distinct(kRightLidSkin);
  expect_distinct(kLeftLidSkin);
  expect_distinct(kRightBrow);
  expect_distinct(kLeftBrow);
}

TEST(FaceRegions, lip_rings_lie_inside_each_other) {
  VISEMA_TEST_FACE(face);
  const auto& m = face.mesh();
  for (int i = 0; i <= 10; ++i) {
    EXPECT_LE(m[kOuterLips[i]].y, m[kInnerLips[i]].y + 0.05) << i;
  }
  EXPECT_LT(m[kOuterLips[5]].y, m[kOuterLipRing[5]].y);
  EXPECT_LT(m[kOuterLipRing[15]].y, m[kOuterLips[15]].y);
  EXPECT_LT(m[kInnerLipRing[15]].y, m[kOuterLipRing[15]].y);
}

TEST(FaceRegions, oval_runs_around_the_face) {
  VISEMA_TEST_FACE(face);
  double area = 0;
  for (std::size_t i = 0; i < kFaceOval.size(); ++i) {
    const auto& a = face.mesh()[kFaceOval[i]];
    const auto& b = face.mesh()[kFaceOval[(i + 1) % kFaceOval.size()]];
    area += (a.x * b.y - a.y * b.x) / 2;
  }
  EXPECT_GT(area, 2);  // clockwise in a picture with y down
  EXPECT_LT(area, 4.5);
}

TEST(FaceRegions, lower_face_is_what_speech_moves) {
  VISEMA_TEST_FACE(face);
  const auto lower = lower_face_weights(face.mesh());
  for (const auto i : kLips) EXPECT_EQ(lower[i], 1);
  for (const int i : {152, 148, 377, 176, 400, 17, 18, 200}) EXPECT_GT(lower[i], 0.99) << i;
  for (const auto i : kNose) EXPECT_EQ(lower[i], 0);
  for (const auto i : kRightEye) EXPECT_EQ(lower[i], 0);
  for (const auto i : kLeftBrow) EXPECT_EQ(lower[i], 0);
  EXPECT_EQ(lower[10], 0);
  EXPECT_EQ(lower[234], 0);
  EXPECT_GT(lower[164], 0);
  EXPECT_LT(lower[164], 0.97);
}

TEST(FaceRegions, lower_weights_are_smooth_across_triangles) {
  const auto file = installed_canonical_face();
  if (!file) GTEST_SKIP() << "canonical_face.safetensors is not installed";
  const auto face = CanonicalFace::load(*file);
  const auto lower = lower_face_weights(face.mesh());
  for (const auto& t : face.triangles()) {
    for (int k = 0; k < 3; ++k) {
      EXPECT_LT(std::abs(lower[t[k]] - lower[t[(k + 1) % 3]]), 0.75)
          << t[k] << ' ' << t[(k + 1) % 3];
    }
  }
}

TEST(FaceRegions, upper_and_lower_do_not_exceed_one) {
  VISEMA_TEST_FACE(face);
  const auto lower = lower_face_weights(face.mesh());
  const auto upper = upper_face_weights(face.mesh());
  for (int i = 0; i < kMeshPoints; ++i) {
    EXPECT_GE(upper[i], 0);
    EXPECT_LE(upper[i] + lower[i], 1.00001);
  }
  for (const auto i : kRightBrow) EXPECT_GT(upper[i], 0.5) << i;
  for (const auto i : kLeftEye) EXPECT_EQ(upper[i], 1) << i;
  for (const auto i : kFaceOval) EXPECT_EQ(upper[i], 0);
}

TEST(FaceRegions, measures_follow_the_points) {
  VISEMA_TEST_FACE(face);
  FaceMesh m = face.mesh();
  const float before = inner_lip_gap(m);
  for (const int i : {14, 87, 317}) m[i].y += 0.1F;
  EXPECT_NEAR(inner_lip_gap(m) - before, 0.1, 1e-5);
  EXPECT_NEAR(mouth_width(m), m[291].x - m[61].x, 0.02);
  EXPECT_GT(face_width(m), 1.4);
  EXPECT_GT(eye_aspect(m, Eye::kRight), 0.1);
  for (int i = 0; i < 7; ++i) m[kLeftEye[1 + i]] = m[kLeftEye[15 - i]];
  EXPECT_NEAR(eye_aspect(m, Eye::kLeft), 0, 1e-6);
}

}  // namespace
}  // namespace visema
