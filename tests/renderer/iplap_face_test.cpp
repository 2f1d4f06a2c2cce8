#include "visema/renderer/iplap_face.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "synthetic_face.h"
#include "visema/core/face_points.h"

namespace visema {
namespace {

constexpr std::size_t kPlanes = std::size_t{3} * kIplapFacePixels;

std::array<int, 4> corners(const PixelBox& box) {
  return {box.x0, box.y0, box.x1, box.y1};
}
using Corners = std::array<int, 4>;

TEST(IplapFace, CropIsTheBoxOfThePointsAndTheMargin) {
  const std::array<Point2, 2> points = {{{100.7F, 80.2F}, {400.6F, 480.9F}}};
  EXPECT_EQ(corners(iplap_crop(points, 25, 1000, 1000)), (Corners{75, 55, 425, 505}));
  EXPECT_EQ(corners(iplap_crop(points, 5, 1000, 1000)), (Corners{95, 75, 405, 485}));
  EXPECT_EQ(corners(iplap_crop(points, kIplapMarginAuto, 1000, 1000)), (Corners{75, 55, 425, 505}));
  EXPECT_EQ(corners(iplap_crop(points, 200, 420, 500)), (Corners{0, 0, 420, 500}));
}

TEST(IplapFace, AutomaticMarginKeepsItsShareOfSmallAndLargeFaces) {
  const std::array<Point2, 2> small = {{{100, 100}, {180, 200}}};
  EXPECT_EQ(corners(iplap_crop(small, kIplapMarginAuto, 400, 400)), (Corners{90, 90, 190, 210}));
  const std::array<Point2, 2> large = {{{200, 200}, {1100, 1200}}};
  EXPECT_EQ(corners(iplap_crop(large, kIplapMarginAuto, 2000, 2000)),
            (Corners{160, 160, 1140, 1240}));
}

TEST(IplapFace, CropOutsideThePictureIsEmpty) {
  EXPECT_TRUE(iplap_crop(std::array<Point2, 2>{{{-300, 10}, {-40, 200}}}, 25, 640, 480).empty());
  EXPECT_TRUE(iplap_crop(std::array<Point2, 2>{{{630, 10}, {900, 200}}}, 0, 640, 480).empty());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(iplap_crop(std::array<Point2, 2>{{{nan, 10}, {900, 200}}}, 0, 640, 480).empty());
}

TEST(IplapFace, ExtractsPlanesInTheOrderBlueGreenRed) {
  Image picture(256, 256);
  for (int y = 0; y < 256; ++y)
    for (int x = 0; x < 256; ++x) {
      picture.at(x, y)[0] = 200;
      picture.at(x, y)[1] = static_cast<std::uint8_t>(x);
      picture.at(x, y)[2] = static_cast<std::uint8_t>(y);
    }
  std::vector<float> planes(kPlanes);
  extract_iplap_face(picture, {64, 0, 192, 256}, planes);
  const auto at = [&](int plane, int x, int y) {
    return planes[static_cast<std::size_t>(plane) * kIplapFacePixels + y * kIplapFaceSize + x] *
           255;
  };
  EXPECT_NEAR(at(2, 5, 9), 200, 1e-3);
  EXPECT_NEAR(at(1, 0, 40), 64, 1e-3);  // not resized in this direction
  EXPECT_NEAR(at(1, 127, 40), 191, 1e-3);
  EXPECT_NEAR(at(0, 50, 10), 21, 1e-3);  // between rows 20 and 21, halves up
}

/// A face in a picture with brows where the contour needs them, and its crop.
struct Scene {
  Image picture = test::test_picture(400, 420);
  FaceMesh mesh = test::place(test::synthetic_face().mesh, test::pose_at(200, 170, 110));
  PixelBox crop;

  Scene() {
    constexpr std::array<int, 10> kBrows = {70, 63, 105, 66, 107, 336, 296, 334, 293, 300};
    for (int i = 0; i < 10; ++i) mesh[kBrows[i]] = {110 + 20.0F * static_cast<float>(i), 130, 0};
    std::vector<Point2> points;
    for (const int i : kFaceOval) points.push_back({mesh[i].x, mesh[i].y});
    crop = iplap_crop(points, 25, picture.width, picture.height);
  }
};

TEST(IplapFace, AFaceThatWasTakenGoesBackWhereItWas) {
  Scene scene;
  const Image before = scene.picture;
  std::vector<float> planes(kPlanes);
  extract_iplap_face(scene.picture, scene.crop, planes);
  paste_iplap_face(scene.picture, scene.crop, scene.mesh, planes);
  double error = 0;
  for (std::size_t i = 0; i < before.rgb.size(); ++i)
    error += std::abs(before.rgb[i] - scene.picture.rgb[i]);
  EXPECT_GT(error, 0);  // resized twice
  EXPECT_LT(error / static_cast<double>(before.rgb.size()), 2);
}

TEST(IplapFace, PasteFillsTheContourAndTouchesNothingOutside) {
  Scene scene;
  const Image before = scene.picture;
  std::vector<float> planes(kPlanes, 0);
  std::fill(planes.begin() + 2 * kIplapFacePixels, planes.end(), 1.0F);  // red
  paste_iplap_face(scene.picture, scene.crop, scene.mesh, planes);
  const auto pixel = [&](Point3 p) {
    const std::uint8_t* rgb = scene.picture.at(static_cast<int>(p.x), static_cast<int>(p.y));
    return std::array<int, 3>{rgb[0], rgb[1], rgb[2]};
  };
  EXPECT_EQ(pixel(scene.mesh[kNoseTip]), (std::array<int, 3>{255, 0, 0}));
  EXPECT_EQ(pixel(scene.mesh[13]), (std::array<int, 3>{255, 0, 0}));
  const float chin = scene.mesh[152].y;
  const float soft = 5.0F * static_cast<float>(scene.crop.height()) / kIplapFaceSize;
  for (int y = 0; y < before.height; ++y)
    for (int x = 0; x < before.width; ++x) {
      const bool near =
          x >= scene.crop.x0 && x < scene.crop.x1 && y >= scene.crop.y0 &&
          y<scene.crop.y1&& static_cast<float>(y) < chin + soft&& static_cast<float>(y)> 130 - soft;
      if (near) continue;
      ASSERT_TRUE(std::equal(before.at(x, y), before.at(x, y) + 3, scene.picture.at(x, y)))
          << x << "," << y;
    }
}

TEST(IplapFace, NumbersThatAreNotFiniteStayWithinAPicture) {
  Scene scene;
  const std::vector<float> planes(kPlanes, std::numeric_limits<float>::quiet_NaN());
  paste_iplap_face(scene.picture, scene.crop, scene.mesh, planes);
  const Point3 nose = scene.mesh[kNoseTip];
  EXPECT_EQ(scene.picture.at(static_cast<int>(nose.x), static_cast<int>(nose.y))[0], 0);
}

}  // namespace
}  // namespace visema
