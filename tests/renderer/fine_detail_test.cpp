#include "fine_detail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace visema {
namespace {

/// Skin everywhere: the mask is 1, lips are far away.
std::vector<float> planes_of_skin() {
  std::vector<float> planes(kGeneratorInputSize);
  const auto fill = [&](int plane, float v) {
    const auto first = planes.begin() + static_cast<std::ptrdiff_t>(plane) * kCropPixels;
    std::fill(first, first + kCropPixels, v);
  };
  fill(kMaskPlane, 1);
  fill(kInnerLipPlane, -1);
  fill(kOuterLipPlane, -1);
  return planes;
}

std::vector<float> noise(float strength) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, strength);
  std::vector<float> picture(kCropPixels);
  for (float& v : picture) v = 120 + normal(random);
  return picture;
}

TEST(MissingDetail, IsWhatThePictureLacksAndNoMore) {
  const std::vector<float> like = noise(8);
  std::vector<float> made = like;
  for (float& v : made) v = 120 + 0.5F * (v - 120);
  const std::vector<float> missing = missing_detail(made, like, planes_of_skin());
  double error = 0, before = 0;
  for (int y = 20; y < kCropSize - 20; ++y)
    for (int x = 20; x < kCropSize - 20; ++x) {
      const int i = y * kCropSize + x;
      error += std::abs(made[i] + missing[i] - like[i]);
      before += std::abs(made[i] - like[i]);
    }
  EXPECT_LT(error, 0.45 * before);  // the part below the finest octave stays
}

TEST(MissingDetail, NothingWhereItIsThere) {
  const std::vector<float> like = noise(4);
  std::vector<float> planes = planes_of_skin();
  for (const float v : missing_detail(like, like, planes)) ASSERT_NEAR(v, 0, 1e-4F);
  for (const float v : missing_detail(noise(9), like, planes)) ASSERT_EQ(v, 0);
}

TEST(MissingDetail, NothingOutsideTheMask) {
  std::vector<float> planes = planes_of_skin();
  planes[static_cast<std::size_t>(kMaskPlane) * kCropPixels + 96 * kCropSize + 96] = 0;
  EXPECT_EQ(missing_detail(noise(2), noise(8), planes)[96 * kCropSize + 96], 0);
  EXPECT_NE(missing_detail(noise(2), noise(8), planes)[96 * kCropSize + 97], 0);
}

TEST(MissingDetail, IsBoundedWhereThereIsNone) {
  const std::vector<float> flat(kCropPixels, 120.0F);
  for (const float v : missing_detail(flat, noise(30), planes_of_skin())) ASSERT_EQ(v, 0);
}

}  // namespace
}  // namespace visema
