#include "visema/renderer/mouth_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "synthetic_face.h"
#include "visema/renderer/face_crop.h"

namespace visema {
namespace {

FacePoints crop_face(float opened, float yaw = 0) {
  const HeadPose pose = test::pose_at(200, 150, 110, 0.1F, yaw);
  return map_points(test::place(test::open_mouth(test::synthetic_face().mesh, opened), pose),
                    crop_from_picture(pose));
}

TEST(ContourDistance, IsExactForASquare) {
  const std::vector<Point2> square = {{10, 10}, {30, 10}, {30, 30}, {10, 30}};
  std::vector<float> map(40 * 40);
  contour_distance(square, 40, 6, map);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 40; ++x) {
      const float px = x + 0.5F, py = y + 0.5F;
      const float ox = std::max({10 - px, px - 30, 0.0F}), oy = std::max({10 - py, py - 30, 0.0F});
      const float inside = std::min({px - 10, 30 - px, py - 10, 30 - py});
      const float expected =
          inside > 0 ? std::min(inside, 6.0F) : -std::min(std::hypot(ox, oy), 6.0F);
      ASSERT_NEAR(map[y * 40 + x], expected, 1e-3F) << x << " " << y;
    }
}

TEST(ContourDistance, TheOtherWayRoundIsOutside) {
  const std::vector<Point2> square = {{10, 30}, {30, 30}, {30, 10}, {10, 10}};
  std::vector<float> map(40 * 40);
  contour_distance(square, 40, 6, map);
  for (const float d : map) ASSERT_LE(d, 0);
}

TEST(ContourDistance, AnyPointsAreSafe) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(-500, 500);
  std::vector<float> map(64 * 64);
  for (int round = 0; round < 50; ++round) {
    std::vector<Point2> points(round % 12);
    for (auto& p : points) p = {uniform(random), uniform(random)};
    if (points.size() > 3) points[2].x = std::numeric_limits<float>::quiet_NaN();
    if (points.size() > 5) points[4].y = 1e30F;
    contour_distance(points, 64, 16, map);
    for (const float d : map) ASSERT_LE(std::abs(d), 16.001F);
  }
}

TEST(MouthMask, IsZeroOutsideTheFaceAndOnTheBorder) {
  for (const float yaw : {0.0F, 0.5F, -0.8F}) {
    const auto points = crop_face(0.3F, yaw);
    std::vector<float> oval(kCropSize * kCropSize), mask(kCropSize * kCropSize);
    face_oval_distance(points, oval);
    mouth_mask(points, oval, mask);
    for (int y = 0; y < kCropSize; ++y)
      for (int x = 0; x < kCropSize; ++x) {
        const int i = y * kCropSize + x;
        ASSERT_GE(mask[i], 0);
        ASSERT_LE(mask[i], 1);
        if (oval[i] <= 0 || x == 0 || y == 0 || x == kCropSize - 1 || y == kCropSize - 1) {
          ASSERT_EQ(mask[i], 0) << x << " " << y;
        }
      }
  }
}

TEST(MouthMask, HoldsEveryMouth) {
  for (const float opened : {0.0F, 0.1F, 0.25F}) {
    const auto points = crop_face(opened);
    std::vector<float> oval(kCropSize * kCropSize), mask(kCropSize * kCropSize),
        lips(kCropSize * kCropSize);
    face_oval_distance(points, oval);
    mouth_mask(points, oval, mask);
    outer_lip_distance(points, lips);
    for (int i = 0; i < kCropSize * kCropSize; ++i)
      if (lips[i] > 0 && mask[i] < 1) {
        // The upper lip may reach the soft edge under the nose.
        ASSERT_LT(i / kCropSize, points[61].y);
        ASSERT_GT(mask[i], 0.3F);
      }
  }
}

}  // namespace
}  // namespace visema
