#include "visema/renderer/generator_input.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "synthetic_face.h"
#include "visema/renderer/mouth_mask.h"

namespace visema {
namespace {

constexpr float kClosed = -0.03F;  // the drawn face's lips do not quite touch

class GeneratorInputTest : public testing::Test {
 protected:
  static Reference reference(float opened, std::uint8_t shade) {
    Reference made{test::test_picture(kCropSize, kCropSize), points(opened)};
    for (auto& v : made.crop.rgb) v = static_cast<std::uint8_t>((v + shade) / 2);
    return made;
  }
  static FacePoints points(float opened) {
    const HeadPose pose = test::pose_at(200, 150, 110);
    return map_points(test::place(test::open_mouth(test::synthetic_face().mesh, opened), pose),
                      crop_from_picture(pose));
  }
  std::vector<float> build(const Image& base, const FacePoints& target) const {
    std::vector<float> planes(kGeneratorInputSize, NAN);
    build_generator_input(base, target, rest_, open_, triangles_, planes);
    return planes;
  }

  FaceTriangles triangles_{test::synthetic_face().triangles};
  Reference rest_ = reference(0, 40);
  Reference open_ = reference(0.2F, 220);
  Image base_ = test::test_picture(kCropSize, kCropSize);
};

TEST_F(GeneratorInputTest, EveryNumberIsInItsRange) {
  const auto planes = build(base_, points(0.1F));
  for (int i = 0; i < kInnerLipPlane * kCropPixels; ++i) {
    ASSERT_GE(planes[i], 0);
    ASSERT_LE(planes[i], 1);
  }
  for (int i = kInnerLipPlane * kCropPixels; i < kGeneratorInputSize; ++i)
    ASSERT_LE(std::abs(planes[i]), 1.0001F);
}

TEST_F(GeneratorInputTest, NothingUnderTheMaskIsRead) {
  const auto target = points(0.1F);
  const auto planes = build(base_, target);
  Image other = base_;
  int masked = 0;
  for (int i = 0; i < kCropPixels; ++i)
    if (planes[kMaskPlane * kCropPixels + i] > 0) {
      other.rgb[i * 3] ^= 0xFF;
      other.rgb[i * 3 + 1] ^= 0x5A;
      ++masked;
    }
  EXPECT_GT(masked, 5000);
  EXPECT_EQ(planes, build(other, target));
}

TEST_F(GeneratorInputTest, AReferenceInPlaceStaysAsItIs) {
  rest_ = reference(kClosed, 40);
  const auto planes = build(base_, rest_.points);
  for (int i = 0; i < kCropPixels; ++i)
    for (int c = 0; c < 3; ++c)
      ASSERT_NEAR(planes[(kRestPlane + c) * kCropPixels + i] * 255, rest_.crop.rgb[i * 3 + c],
                  0.6F);
}

TEST_F(GeneratorInputTest, BetweenLipsThatNeverCloseBothReferencesShowTheOpenMouth) {
  const auto target = points(0.2F);
  const auto inside_alike = [&](float rest_opened) {
    rest_ = reference(rest_opened, 40);
    const auto planes = build(base_, target);
    int alike = 0, differ = 0, outside = 0;
    for (int i = 0; i < kCropPixels; ++i) {
      const float depth = planes[kInnerLipPlane * kCropPixels + i] * kContourReach;
      const bool same =
          planes[kRestPlane * kCropPixels + i] == planes[kOpenPlane * kCropPixels + i];
      if (depth > 2.5F) (same ? alike : differ) += 1;
      if (depth < 0 && planes[kMaskPlane * kCropPixels + i] > 0) outside += same;
    }
    EXPECT_GT(alike + differ, 100);
    EXPECT_LT(outside, 100);  // by chance
    return static_cast<float>(alike) / static_cast<float>(alike + differ);
  };
  EXPECT_LT(inside_alike(kClosed), 0.05F);
  EXPECT_EQ(inside_alike(0.1F), 1);
}

TEST_F(GeneratorInputTest, LipMapsFollowTheMouth) {
  const auto open = build(base_, points(0.2F)), shut = build(base_, points(0));
  const auto target = points(0.2F);
  const int x = static_cast<int>(target[13].x);
  const int y = static_cast<int>((target[13].y + target[14].y) / 2);
  const int i = kInnerLipPlane * kCropPixels + y * kCropSize + x;
  EXPECT_GT(open[i], 0.3F);
  EXPECT_LT(shut[i], 0);
}

}  // namespace
}  // namespace visema
