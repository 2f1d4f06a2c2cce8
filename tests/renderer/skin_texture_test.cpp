#include "skin_texture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "synthetic_face.h"

namespace visema {
namespace {

constexpr int kMiddle = kCropSize / 2 * kCropSize + kCropSize / 2;

/// The mask is 1, lips are a disc in the middle.
std::vector<float> planes() {
  std::vector<float> planes(kGeneratorInputSize, 0.3F);
  for (int i = 0; i < kCropPixels; ++i) {
    const float from_middle = std::hypot(static_cast<float>(i % kCropSize) - kCropSize / 2,
                                         static_cast<float>(i / kCropSize) - kCropSize / 2);
    planes[kMaskPlane * kCropPixels + i] = 1;
    planes[kOuterLipPlane * kCropPixels + i] = std::clamp((20 - from_middle) / 16, -1.0F, 1.0F);
  }
  return planes;
}

/// Hairs on grey skin.
Image hairy() {
  std::mt19937 random(7);
  Image picture(kCropSize, kCropSize);
  for (int i = 0; i < kCropPixels; ++i) {
    const auto v = static_cast<std::uint8_t>(random() % 4 == 0 ? 160 : 80);
    for (int c = 0; c < 3; ++c) picture.rgb[static_cast<std::size_t>(i) * 3 + c] = v;
  }
  return picture;
}

std::vector<float> smooth_paint() {
  std::vector<float> result(std::size_t{4} * kCropPixels, 0.6F);
  std::fill(result.begin() + std::ptrdiff_t{3} * kCropPixels, result.end(), 1.0F);
  return result;
}

TEST(KeepTexture, TakesHairsFromTheFrameAndLightFromThePaint) {
  const Image own = hairy();
  std::vector<float> result = smooth_paint();
  keep_texture(planes(), own, std::vector<float>(kCropPixels, 1.0F), result);
  double sum = 0, hairs = 0, skin = 0;
  int count = 0, hairy_count = 0;
  for (int y = 20; y < 60; ++y)
    for (int x = 20; x < kCropSize - 20; ++x) {
      const int i = y * kCropSize + x;
      const bool hair = own.rgb[static_cast<std::size_t>(i) * 3] > 100;
      sum += result[i];
      (hair ? hairs : skin) += result[i];
      ++count;
      hairy_count += hair;
    }
  EXPECT_NEAR(sum / count, 0.6, 0.01);
  EXPECT_NEAR(hairs / hairy_count - skin / (count - hairy_count), 80.0 / 255, 0.05);
}

TEST(KeepTexture, LeavesLipsAndStretchedSkinToThePaint) {
  const std::vector<float> paint = smooth_paint();
  std::vector<float> result = paint;
  keep_texture(planes(), hairy(), std::vector<float>(kCropPixels, 1.0F), result);
  EXPECT_EQ(result[kMiddle], paint[kMiddle]);
  EXPECT_NE(result[30 * kCropSize + 30], paint[30 * kCropSize + 30]);
  result = paint;
  keep_texture(planes(), hairy(), std::vector<float>(kCropPixels), result);
  EXPECT_EQ(result, paint);
}

TEST(KeepTexture, ReferenceIsPaintedOverWhereTheGeneratorLeftItIn) {
  std::vector<float> result = smooth_paint();  // blend 0.5: 0.6 over the reference's 0.3
  std::fill(result.begin() + std::ptrdiff_t{3} * kCropPixels, result.end(), 0.5F);
  Image own(kCropSize, kCropSize);
  std::fill(own.rgb.begin(), own.rgb.end(), 200);
  keep_texture(planes(), own, std::vector<float>(kCropPixels, 1.0F), result);
  const int i = 30 * kCropSize + 30;
  EXPECT_EQ(result[3 * kCropPixels + i], 1);
  EXPECT_NEAR(result[i], 0.45F, 0.01F);
}

TEST(FirmSkin, IsFirmUntilItIsStretched) {
  const test::SyntheticFace& face = test::synthetic_face();
  const FaceTriangles triangles(face.triangles);
  const HeadPose pose = test::pose_at(200, 160, 90);
  const FacePoints still = map_points(test::place(face.mesh, pose), crop_from_picture(pose));
  const auto taller = [&](float factor) {
    FacePoints points = still;
    for (Point2& p : points) p.y = kCropSize / 2 + factor * (p.y - kCropSize / 2);
    return points;
  };
  const auto middle = [&](const FacePoints& from, const FacePoints& to) {
    return firm_skin(triangles, from, to)[kMiddle];
  };
  EXPECT_NEAR(middle(still, still), 1, 1e-4F);
  EXPECT_NEAR(middle(still, taller(1.2F)), 1, 1e-4F);
  EXPECT_NEAR(middle(still, taller(1.475F)), 0.5F, 0.1F);
  EXPECT_NEAR(middle(still, taller(2)), 0, 1e-4F);
  EXPECT_NEAR(middle(taller(2), still), 1, 1e-4F);  // gathered, not stretched
}

}  // namespace
}  // namespace visema
