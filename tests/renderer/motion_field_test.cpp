#include "visema/renderer/motion_field.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "synthetic_face.h"
#include "visema/core/error.h"
#include "visema/renderer/face_crop.h"

namespace visema {
namespace {

constexpr int kSide = 320;
constexpr PixelBox kWindow = {0, 0, kSide, kSide};

FacePoints face_at(const HeadPose& pose, float opened = 0) {
  return map_points(test::place(test::open_mouth(test::synthetic_face().mesh, opened), pose), {});
}
const FaceTriangles& triangles() {
  static const FaceTriangles mesh(test::synthetic_face().triangles);
  return mesh;
}
std::vector<Point2> map_of(const MotionField& field) {
  std::vector<Point2> map(kSide * kSide);
  fill_identity(kWindow, map);
  field.rasterise(kWindow, map);
  return map;
}

/// Well within the border of a face whose head is at (x, y).
bool in_face(int px, int py, const HeadPose& pose) {
  const float x = (static_cast<float>(px) - pose.translation.x) / pose.scale;
  const float y = (static_cast<float>(py) - pose.translation.y) / pose.scale - 0.37F;
  return std::hypot(x / 0.86F, y) < 0.75F;
}

TEST(FaceTriangles, RefusesWhatIsNoMesh) {
  const std::vector<FaceTriangles::Triangle> none, wrong = {{0, 1, 478}}, negative = {{0, -1, 3}};
  EXPECT_THROW(FaceTriangles{none}, Error);
  EXPECT_THROW(FaceTriangles{wrong}, Error);
  EXPECT_THROW(FaceTriangles{negative}, Error);
}

TEST(MotionField, NothingMovesWhenNothingMoves) {
  const auto points = face_at(test::pose_at(160, 130, 90));
  const MotionField field(triangles(), points, points);
  EXPECT_TRUE(field.affected().empty());
  const Image picture = test::test_picture(kSide, kSide);
  EXPECT_EQ(warp(picture, field).rgb, picture.rgb);
}

TEST(MotionField, IdentityMeshMapsToItself) {
  const auto points = face_at(test::pose_at(160, 130, 90));
  const auto map = map_of(MotionField(triangles(), points, points));
  for (int i = 0; i < kSide * kSide; ++i) {
    ASSERT_NEAR(map[i].x, i % kSide + 0.5F, 2e-3F);
    ASSERT_NEAR(map[i].y, i / kSide + 0.5F, 2e-3F);
  }
}

TEST(MotionField, ReproducesAnAffineMotionInsideTheFace) {
  const auto source = face_at(test::pose_at(160, 130, 90));
  const Similarity2 motion = {1.03F, 0.05F, -3, 4};
  auto target = source;
  for (auto& p : target) p = motion.apply(p);
  const auto map = map_of(MotionField(triangles(), source, target));
  const Similarity2 back = motion.inverse();
  int inside = 0;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      if (!in_face(x, y, test::pose_at(160, 130, 90))) continue;
      ++inside;
      const Point2 expected = back.apply({x + 0.5F, y + 0.5F});
      ASSERT_NEAR(map[y * kSide + x].x, expected.x, 0.01F);
      ASSERT_NEAR(map[y * kSide + x].y, expected.y, 0.01F);
    }
  EXPECT_GT(inside, 5000);
}

TEST(MotionField, DiesOutAroundTheFace) {
  const auto source = face_at(test::pose_at(160, 130, 60));
  const auto target = face_at(test::pose_at(163, 134, 60, 0.05F), 0.15F);
  const MotionField field(triangles(), source, target);
  const PixelBox box = field.affected();
  ASSERT_FALSE(box.empty());
  EXPECT_GT(box.x0, 0);
  EXPECT_LT(box.x1, kSide);
  const Image picture = test::test_picture(kSide, kSide);
  const Image moved = warp(picture, field);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      if (x >= box.x0 && x < box.x1 && y >= box.y0 && y < box.y1) continue;
      for (int c = 0; c < 3; ++c) ASSERT_EQ(moved.at(x, y)[c], picture.at(x, y)[c]);
    }
  EXPECT_NE(moved.rgb, picture.rgb);
}

TEST(MotionField, IsContinuousWhereNothingIsHidden) {
  const auto source = face_at(test::pose_at(160, 130, 60));
  const auto target = face_at(test::pose_at(162, 131, 60, 0.03F));
  const auto map = map_of(MotionField(triangles(), source, target));
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x + 1 < kSide; ++x) {
      const Point2 a = map[y * kSide + x], b = map[y * kSide + x + 1];
      ASSERT_LT(std::abs(b.x - a.x - 1) + std::abs(b.y - a.y), 0.8F) << x << " " << y;
    }
}

TEST(MotionField, LeavesNoHoleInTheFace) {
  const auto source = face_at(test::pose_at(160, 130, 80));
  for (const float opened : {0.0F, 0.05F, 0.2F}) {
    const HeadPose pose = test::pose_at(163, 128, 82, -0.06F, 0.2F);
    const auto target = face_at(pose, opened);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<Point2> map(kSide * kSide, {nan, nan});
    MotionField(triangles(), source, target, MotionField::Surround::kNone).rasterise(kWindow, map);
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < kSide; ++x)
        if (in_face(x, y, pose)) {
          ASSERT_TRUE(std::isfinite(map[y * kSide + x].x)) << x << " " << y << " " << opened;
        }
  }
}

TEST(MotionField, ClosedMouthOpens) {
  const auto pose = test::pose_at(160, 130, 90);
  const auto source = face_at(pose), target = face_at(pose, 0.2F);
  const auto map = map_of(MotionField(triangles(), source, target));
  const auto at = [&](Point2 p) {
    return map[static_cast<int>(p.y) * kSide + static_cast<int>(p.x)];
  };
  // Points land on their own pictures.
  for (const int i : {0, 17, 14, 13, 152, 4}) {
    const Point2 from = at({target[i].x, target[i].y + (i == 13 ? -1.0F : 1.0F)});
    EXPECT_NEAR(from.x, source[i].x, 2) << i;
    EXPECT_NEAR(from.y, source[i].y, 2) << i;
  }
}

TEST(MotionField, AnyPointsAreSafe) {
  std::mt19937 random(3);
  const float wide = 1e30F;
  const std::array<float, 5> odd = {std::numeric_limits<float>::quiet_NaN(),
                                    std::numeric_limits<float>::infinity(), -wide, wide, 0};
  const Image picture = test::test_picture(64, 48);
  for (int round = 0; round < 60; ++round) {
    std::uniform_real_distribution<float> uniform(-60.0F * (1 + round % 7), 150);
    FacePoints source, target;
    for (auto* points : {&source, &target})
      for (auto& p : *points) {
        p = {uniform(random), uniform(random)};
        if (round % 3 == 0 && random() % 50 == 0) p.x = odd[random() % odd.size()];
        if (round % 4 == 0) p = (*points)[0];
      }
    const Image moved = warp(picture, MotionField(triangles(), source, target));
    ASSERT_EQ(moved.rgb.size(), picture.rgb.size());
  }
  EXPECT_TRUE(warp(Image(), MotionField(triangles(), face_at({}), face_at({}, 1))).empty());
}

}  // namespace
}  // namespace visema
