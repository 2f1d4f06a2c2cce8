#include "visema/renderer/cutout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "visema/renderer/matte_smoother.h"
#include "visema/renderer/one_person.h"

namespace visema {
namespace {

constexpr int kSize = 512;
using Colour = std::array<int, 3>;
constexpr Colour kPerson = {200, 60, 40};
constexpr Colour kWall = {30, 160, 60};

/// Of a disc with a soft border, 0..1.
float true_share(int x, int y) {
  const float radius = std::hypot(static_cast<float>(x) - 255.5F, static_cast<float>(y) - 255.5F);
  return std::clamp((152 - radius) / 4, 0.0F, 1.0F);
}

Image disc() {
  Image picture(kSize, kSize);
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        const float a = true_share(x, y);
        picture.at(x, y)[c] = static_cast<std::uint8_t>(std::lround(
            a * static_cast<float>(kPerson[c]) + (1 - a) * static_cast<float>(kWall[c])));
      }
  return picture;
}

/// What a network may say of it: blurred, and two pixels beside.
std::vector<float> rough_matte() {
  std::vector<float> matte;
  for (int y = 0; y < kMatteSide; ++y)
    for (int x = 0; x < kMatteSide; ++x) {
      const float radius =
          std::hypot(static_cast<float>(x) - 129.5F, static_cast<float>(y) - 127.5F);
      matte.push_back(std::clamp((80 - radius) / 10, 0.0F, 1.0F));
    }
  return matte;
}

Cutout cutout_of(const Image& picture) {
  return {picture, matte_input(picture), rough_matte()};
}

TEST(Cutout, FindsTheBorderOfThePicture) {
  const Image picture = disc();
  const Cutout cutout = cutout_of(picture);
  double wrong = 0, rough = 0;
  const auto matte = rough_matte();
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x) {
      const float is = true_share(x, y);
      wrong += std::abs(static_cast<float>(*cutout.share().at(x, y)) / 255 - is);
      rough += std::abs(matte[static_cast<std::size_t>(y / 2) * kMatteSide + x / 2] - is);
    }
  EXPECT_LT(wrong, 0.65 * rough);
  EXPECT_EQ(*cutout.share().at(255, 255), 255);
  EXPECT_EQ(*cutout.share().at(10, 255), 0);
}

TEST(Cutout, LeavesNothingOfTheOldBackground) {
  Image picture = disc();
  const Cutout cutout = cutout_of(picture);
  Background background;
  background.kind = Background::Kind::kColour;
  background.colour = {0, 0, 255};
  cutout.put_before(background, cutout.share(), picture);
  // Red and blue make up all that is there; the wall was green.
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x)
      ASSERT_LE(picture.at(x, y)[1], kPerson[1] + 25) << x << " " << y;
  EXPECT_EQ(picture.at(10, 10)[2], 255);
  EXPECT_EQ(picture.at(255, 255)[0], kPerson[0]);
}

TEST(Cutout, ABlurredBackgroundHasNothingOfThePerson) {
  Image picture = disc();
  const Cutout cutout = cutout_of(picture);
  cutout.put_before({}, cutout.share(), picture);
  for (int x = 0; x < 90; ++x)
    for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(picture.at(x, 255)[c], kWall[c], 3) << x;
}

TEST(Cutout, APictureStandsBehind) {
  Image picture = disc();
  const Cutout cutout = cutout_of(picture);
  Background background;
  background.kind = Background::Kind::kPicture;
  background.picture = Image(kSize, kSize);
  background.picture.at(7, 9)[0] = 77;
  cutout.put_before(background, cutout.share(), picture);
  EXPECT_EQ(picture.at(7, 9)[0], 77);
  EXPECT_EQ(picture.at(8, 9)[0], 0);
}

TEST(MatteInput, IsTheMeanOfEachArea) {
  Image picture(2 * kMatteSide, 100);  // a row stands for several
  picture.at(2, 0)[1] = 255;
  picture.at(511, 99)[2] = 51;
  const auto small = matte_input(picture);
  EXPECT_FLOAT_EQ(small[3 * 1 + 1], 0.5F);
  EXPECT_FLOAT_EQ(small.back(), 0.1F);
}

TEST(Filling, CutsWhatIsTooWideAndTakesMeans) {
  Image wide(400, 100);
  for (int y = 0; y < 100; ++y)
    for (int x = 0; x < 400; ++x)
      std::fill_n(wide.at(x, y), 3,
                  static_cast<std::uint8_t>(x < 150      ? 10
                                            : x % 2 == 0 ? 100
                                                         : 200));
  const Image result = filling(wide, 50, 50);
  ASSERT_EQ(result.width, 50);
  ASSERT_EQ(result.height, 50);
  for (int x = 1; x < 50; ++x) EXPECT_NEAR(*result.at(x, 25), 150, 1) << x;
}

TEST(OnePerson, IsTheOneAtThePointWithItsSoftBorder) {
  std::vector<float> matte(kMatteSide * kMatteSide);
  const auto put = [&](int x0, int x1, int y1, float value) {
    for (int y = 50; y < y1; ++y)
      for (int x = x0; x < x1; ++x) matte[static_cast<std::size_t>(y) * kMatteSide + x] = value;
  };
  put(20, 60, 100, 1);      // one
  put(60, 70, 100, 0.2F);   // its border
  put(70, 80, 100, 0.3F);   // the border of the
  put(80, 160, 100, 0.9F);  // other, larger one
  put(200, 210, 90, 0.4F);  // nobody
  const auto at = [&](int x) { return matte[60 * kMatteSide + x]; };
  const auto whole = matte;
  keep_one_person(matte, Point2{30, 60});
  EXPECT_EQ(at(40), 1);
  EXPECT_EQ(at(65), 0.2F);
  EXPECT_EQ(at(100), 0);
  EXPECT_EQ(at(78), 0);
  EXPECT_EQ(at(205), 0);
  matte = whole;
  matte[0] = 1;  // a face that is not there is not in this corner
  keep_one_person(matte, std::nullopt);
  EXPECT_EQ(matte[0], 0);
  EXPECT_EQ(at(40), 0);
  EXPECT_EQ(at(100), 0.9F);
}

TEST(MatteSmoother, FlickerFadesAndMotionPasses) {
  MatteSmoother smoother;
  std::vector<float> matte = {0.5F, 0};
  smoother.smooth(0, matte);
  matte = {0.6F, 1};
  smoother.smooth(1, matte);
  EXPECT_LT(matte[0], 0.57F);
  EXPECT_EQ(matte[1], 1);
  matte = {0.6F, 1};
  smoother.smooth(50, matte);
  EXPECT_EQ(matte[0], 0.6F) << "another part of the video";
}

}  // namespace
}  // namespace visema
