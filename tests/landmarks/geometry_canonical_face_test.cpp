#include <gtest/gtest.h>

#include <set>

#include "test_face.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

TEST(CanonicalFace, is_in_eye_corner_units) {
  VISEMA_TEST_FACE(face);
  const auto& m = face.mesh();
  EXPECT_NEAR(distance(m[33], m[263]), 1, 1e-5);
  EXPECT_NEAR(m[33].x + m[263].x, 0, 1e-5);
  EXPECT_NEAR(m[33].y + m[263].y, 0, 1e-5);
  EXPECT_LT(m[33].x, m[263].x);
  EXPECT_GT(m[152].y, 1);       // chin below
  EXPECT_LT(m[1].z, m[234].z);  // nose nearer than ears
  EXPECT_LT(m[10].y, -0.4);     // forehead above
}

TEST(CanonicalFace, irises_lie_inside_the_eyes) {
  VISEMA_TEST_FACE(face);
  const auto& m = face.mesh();
  EXPECT_GT(m[468].x, m[33].x);
  EXPECT_LT(m[468].x, m[133].x);
  EXPECT_GT(m[473].x, m[362].x);
  EXPECT_LT(m[473].x, m[263].x);
  EXPECT_LT(distance(m[469], m[471]), distance(m[33], m[133]));
}

TEST(CanonicalFace, installed_file_has_all_triangles) {
  const auto file = installed_canonical_face();
  if (!file) GTEST_SKIP() << "canonical_face.safetensors is not installed";
  const auto face = CanonicalFace::load(*file);
  EXPECT_EQ(face.triangles().size(), 898U);
  std::set<int> used;
  for (const auto& t : face.triangles()) used.insert(t.begin(), t.end());
  EXPECT_EQ(used.size(), 468U);
}

TEST(CanonicalFace, refuses_what_is_no_face) {
  std::vector<float> few(30);
  EXPECT_THROW(CanonicalFace::from_vertices(few), Error);
  std::vector<float> flat(468 * 3);
  EXPECT_THROW(CanonicalFace::from_vertices(flat), Error);
  VISEMA_TEST_FACE(face);
  std::vector<float> points;
  for (int i = 0; i < 468; ++i) {
    const auto& p = face.mesh()[i];
    points.insert(points.end(), {p.x, -p.y, -p.z});
  }
  const std::vector<std::int64_t> bad = {0, 1, 468};
  EXPECT_THROW(CanonicalFace::from_vertices(points, bad), Error);
  const std::vector<std::int64_t> good = {0, 1, 467};
  EXPECT_LT(largest_distance(CanonicalFace::from_vertices(points, good).mesh(), face.mesh()), 1e-5);
}

}  // namespace
}  // namespace visema
