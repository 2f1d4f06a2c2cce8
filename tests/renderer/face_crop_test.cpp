#include "visema/renderer/face_crop.h"

#include <gtest/gtest.h>

#include <cmath>

#include "synthetic_face.h"

namespace visema {
namespace {

TEST(FaceCrop, InverseUndoesASimilarity) {
  const Similarity2 map = {0.8F, -0.3F, 12, -7};
  const Point2 p = map.inverse().apply(map.apply({33.5F, -4.25F}));
  EXPECT_NEAR(p.x, 33.5F, 1e-4F);
  EXPECT_NEAR(p.y, -4.25F, 1e-4F);
  EXPECT_NEAR(map.scale() * map.inverse().scale(), 1, 1e-5F);
}

TEST(FaceCrop, IsUprightAndOfFixedScale) {
  const HeadPose pose = test::pose_at(300, 210, 80, 0.4F);
  const auto points =
      map_points(test::place(test::synthetic_face().mesh, pose), crop_from_picture(pose));
  EXPECT_NEAR(points[263].x - points[33].x, kCropScale, 0.01F);
  EXPECT_NEAR(points[263].y, points[33].y, 0.01F);
  EXPECT_NEAR((points[263].x + points[33].x) / 2, kCropSize / 2.0F, 0.01F);
}

TEST(FaceCrop, HoldsMouthAndOpenJaw) {
  const HeadPose pose = test::pose_at(300, 210, 150);
  const auto open = test::open_mouth(test::synthetic_face().mesh, 0.2F);
  const auto points = map_points(test::place(open, pose), crop_from_picture(pose));
  EXPECT_GT(points[4].y, 0);                // tip of the nose
  EXPECT_LT(points[152].y, kCropSize - 4);  // chin
}

TEST(FaceCrop, OneToOneIsExact) {
  const Image picture = test::test_picture(260, 240);
  const Image crop = extract_crop(picture, {1, 0, -20, -13}, kCropSize);
  for (int y = 0; y < kCropSize; ++y)
    for (int x = 0; x < kCropSize; ++x)
      for (int c = 0; c < 3; ++c) ASSERT_EQ(crop.at(x, y)[c], picture.at(x + 20, y + 13)[c]);
}

TEST(FaceCrop, ThereAndBackKeepsThePicture) {
  const Image picture = test::test_picture(256, 256);
  const Similarity2 map = {std::cos(0.3F) * 1.3F, std::sin(0.3F) * 1.3F, -40, -110};
  const Image crop = extract_crop(picture, map, 256);
  const Image back = extract_crop(crop, map.inverse(), 256);
  double sum = 0;
  int count = 0;
  for (int y = 8; y < 248; ++y)
    for (int x = 8; x < 248; ++x) {
      const Point2 p = map.apply({x + 0.5F, y + 0.5F});
      if (p.x < 4 || p.y < 4 || p.x > 252 || p.y > 252) continue;
      for (int c = 0; c < 3; ++c) sum += std::abs(back.at(x, y)[c] - picture.at(x, y)[c]);
      count += 3;
    }
  ASSERT_GT(count, 10000);
  EXPECT_LT(sum / count, 1.0);
}

TEST(FaceCrop, ShrinkingAverages) {
  Image picture(512, 512);
  for (int y = 0; y < 512; ++y)
    for (int x = 0; x < 512; ++x)
      for (int c = 0; c < 3; ++c) picture.at(x, y)[c] = ((x + y) & 1) != 0 ? 200 : 40;
  const Image crop = extract_crop(picture, {0.25F, 0, 0, 0}, 128);
  for (const auto v : crop.rgb) ASSERT_NEAR(v, 120, 4);
}

TEST(FaceCrop, BesideThePictureRepeatsItsBorder) {
  Image picture(3, 2);
  for (auto& v : picture.rgb) v = 90;
  for (const float shift : {-1e6F, -50.0F, 500.0F, 1e9F}) {
    const Image crop = extract_crop(picture, {1, 0, shift, shift}, 32);
    for (const auto v : crop.rgb) ASSERT_EQ(v, 90);
  }
}

}  // namespace
}  // namespace visema
