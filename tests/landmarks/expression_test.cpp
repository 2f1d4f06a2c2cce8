#include "visema/landmarks/expression.h"

#include <gtest/gtest.h>

#include "test_face.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

constexpr Expression kAll[] = {Expression::kHappy, Expression::kSad, Expression::kAngry,
                               Expression::kSurprised};

TEST(Expression, names_go_both_ways) {
  for (const auto e : kAll) EXPECT_EQ(parse_expression(to_string(e)), e);
  EXPECT_EQ(parse_expression("neutral"), Expression::kNeutral);
  EXPECT_THROW(parse_expression("bored"), Error);
}

TEST(Expression, neutral_and_zero_strength_do_nothing) {
  VISEMA_TEST_FACE(face);
  EXPECT_EQ(largest_distance(expression_offset(Expression::kNeutral, 1, face), {}), 0);
  for (const auto e : kAll) EXPECT_EQ(largest_distance(expression_offset(e, 0, face), {}), 0);
}

TEST(Expression, is_visible_and_moderate) {
  VISEMA_TEST_FACE(face);
  for (const auto e : kAll) {
    const float size = largest_distance(expression_offset(e, 1, face), {});
    EXPECT_GT(size, 0.03) << to_string(e);
    EXPECT_LT(size, 0.15) << to_string(e);
  }
}

TEST(Expression, strength_is_linear_up_to_its_limit) {
  VISEMA_TEST_FACE(face);
  const auto one = expression_offset(Expression::kHappy, 1, face);
  const auto half = expression_offset(Expression::kHappy, 0.5F, face);
  EXPECT_NEAR(half[61].y, one[61].y / 2, 1e-6);
  EXPECT_EQ(largest_distance(expression_offset(Expression::kHappy, 9, face),
                             expression_offset(Expression::kHappy, 1.5F, face)),
            0);
}

TEST(Expression, leaves_the_closure_of_the_lips) {
  VISEMA_TEST_FACE(face);
  for (const auto e : kAll) {
    const auto offset = expression_offset(e, 1.5F, face);
    for (int column = 0; column <= 10; ++column) {
      EXPECT_LT(distance(offset[kInnerLips[column]], offset[kInnerLips[(20 - column) % 20]]), 1e-6)
          << to_string(e) << ' ' << column;
    }
  }
}

TEST(Expression, leaves_nose_eyes_and_jaw) {
  VISEMA_TEST_FACE(face);
  for (const auto e : kAll) {
    const auto offset = expression_offset(e, 1.5F, face);
    for (const auto i : kNose) EXPECT_EQ(distance(offset[i], {}), 0);
    for (const auto i : kLeftIris) EXPECT_EQ(distance(offset[i], {}), 0);
    EXPECT_LT(distance(offset[152], {}), 0.01);
  }
}

TEST(Expression, moves_what_its_action_units_name) {
  VISEMA_TEST_FACE(face);
  const auto happy = expression_offset(Expression::kHappy, 1, face);
  EXPECT_LT(happy[61].x, -0.01);
  EXPECT_GT(happy[291].x, 0.01);
  EXPECT_LT(happy[61].y, happy[13].y - 0.01F);
  EXPECT_LT(happy[50].y, -0.01);
  const auto sad = expression_offset(Expression::kSad, 1, face);
  EXPECT_LT(sad[107].y, -0.02);
  EXPECT_GT(sad[61].y, sad[13].y + 0.01F);
  const auto angry = expression_offset(Expression::kAngry, 1, face);
  EXPECT_GT(angry[55].y, 0.02);
  EXPECT_GT(angry[55].x, 0);  // brows together
  EXPECT_LT(angry[285].x, 0);
  EXPECT_GT(angry[0].y, angry[13].y);  // thinner lips
  const auto surprised = expression_offset(Expression::kSurprised, 1, face);
  EXPECT_LT(surprised[105].y, -0.04);
  EXPECT_LT(surprised[159].y, -0.01);
}

TEST(Expression, is_symmetric_on_a_symmetric_face) {
  const auto file = installed_canonical_face();
  if (!file) GTEST_SKIP() << "canonical_face.safetensors is not installed";
  const auto face = CanonicalFace::load(*file);
  for (const auto e : kAll) {
    const auto offset = expression_offset(e, 1, face);
    for (int i = 0; i < 10; ++i) {
      EXPECT_NEAR(offset[kRightBrow[i]].y, offset[kLeftBrow[i]].y, 1e-3);
      EXPECT_NEAR(offset[kRightBrow[i]].x, -offset[kLeftBrow[i]].x, 1e-3);
    }
    EXPECT_NEAR(offset[61].x, -offset[291].x, 1e-3);
  }
}

TEST(Expression, does_not_fold_the_mesh) {
  const auto file = installed_canonical_face();
  if (!file) GTEST_SKIP() << "canonical_face.safetensors is not installed";
  const auto face = CanonicalFace::load(*file);
  const auto& rest = face.mesh();
  const auto area = [](const FaceMesh& m, const CanonicalFace::Triangle& t) {
    return (m[t[1]].x - m[t[0]].x) * (m[t[2]].y - m[t[0]].y) -
           (m[t[1]].y - m[t[0]].y) * (m[t[2]].x - m[t[0]].x);
  };
  for (const auto e : kAll) {
    const auto offset = expression_offset(e, 1, face);
    FaceMesh moved = rest;
    for (int i = 0; i < kMeshPoints; ++i) {
      moved[i] = {rest[i].x + offset[i].x, rest[i].y + offset[i].y, rest[i].z};
    }
    int folded = 0;
    for (const auto& t : face.triangles()) {
      const float before = area(rest, t);
      if (std::abs(before) > 1e-3F && before * area(moved, t) < 0) {
        ++folded;
        ADD_FAILURE() << to_string(e) << ' ' << t[0] << ' ' << t[1] << ' ' << t[2];
      }
    }
    EXPECT_LE(folded, 0) << to_string(e);
  }
}

}  // namespace
}  // namespace visema
