#include "closed_mouth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "visema/core/face_points.h"

namespace visema::session {
namespace {

/// Lips that touch, 100 px wide, in a picture of skin; a line where they meet.
class ClosedMouthTest : public testing::Test {
 protected:
  using Colour = std::array<std::uint8_t, 3>;
  static constexpr Colour kSkin = {180, 140, 120}, kLip = {150, 90, 90};

  ClosedMouthTest() {
    face_.pose.scale = 126;
    for (Point3& p : face_.mesh) p = {20, 20, 0};  // skin
    constexpr int kCount = static_cast<int>(kInnerLips.size());
    for (int i = 0; i < kCount; ++i) {
      const float x = 50 + 100.0F * static_cast<float>(std::min(i, kCount - i)) / (kCount / 2);
      const float side = i <= kCount / 2 ? -1 : 1;
      face_.mesh[kInnerLips[i]] = {x, 100, 0};
      face_.mesh[kInnerLipRing[i]] = {x, 100 + 8 * side, 0};
      face_.mesh[kOuterLipRing[i]] = {x, 100 + 12 * side, 0};
      face_.mesh[kOuterLips[i]] = {x, 100 + 16 * side, 0};
    }
    fill(0, 200, kSkin);
    fill(84, 116, kLip);
  }
  void fill(int y0, int y1, Colour colour, int x1 = 200) {
    for (int y = y0; y < y1; ++y)
      for (int x = 0; x < x1; ++x) std::copy(colour.begin(), colour.end(), picture_.at(x, y));
  }
  float teeth() const { return teeth_between_lips(picture_, face_); }

  Image picture_{200, 200};
  TrackedFace face_{};
};

TEST_F(ClosedMouthTest, TeethAreBrighterAndGreyerThanLips) {
  EXPECT_EQ(teeth(), 0);
  fill(98, 102, {30, 15, 15});
  EXPECT_EQ(teeth(), 0) << "the shadow between the lips";
  fill(98, 102, {220, 170, 160});
  EXPECT_EQ(teeth(), 0) << "light on the lips";
  fill(98, 102, {60, 60, 60});
  EXPECT_EQ(teeth(), 0) << "grey and dark";
  fill(98, 102, {215, 210, 200});
  EXPECT_EQ(teeth(), 1);
  fill(98, 102, kLip, 100);
  EXPECT_NEAR(teeth(), 0.5F, 0.07F) << "teeth in one half";
  fill(98, 102, kLip);
  fill(106, 108, {215, 210, 200});
  EXPECT_EQ(teeth(), 0) << "light on the lower lip";
}

TEST_F(ClosedMouthTest, PositionsOutsideThePictureAreHarmless) {
  for (Point3& p : face_.mesh) p.x -= 1000;
  EXPECT_EQ(teeth(), 0);
}

TEST(FirstWithoutTeeth, IsTheFirstOrTheOneWithTheFewest) {
  const auto first = [](std::vector<float> teeth) { return first_without_teeth(teeth); };
  EXPECT_EQ(first({0, 0, 0}), 0U);
  EXPECT_EQ(first({0.5F, 0.6F, 0.1F, 0}), 2U);
  EXPECT_EQ(first({0.5F, 0.4F, 0.7F}), 1U);
  EXPECT_EQ(first({1}), 0U);
}

}  // namespace
}  // namespace visema::session
