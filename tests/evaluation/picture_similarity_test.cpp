#include "visema/evaluation/picture_similarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "visema/evaluation/face_texture.h"
#include "visema/renderer/face_crop.h"

namespace visema {
namespace {

constexpr int kWidth = 24;
constexpr int kHeight = 20;

Image pattern() {
  Image image(kWidth, kHeight);
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (int c = 0; c < 3; ++c)
        image.at(x, y)[c] =
            static_cast<std::uint8_t>((x * 7 + y * 13 + c * 50 + ((x * y) % 31) * 3) % 256);
  return image;
}

Image disturbed(const Image& from) {
  Image image = from;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (int c = 0; c < 3; ++c)
        image.at(x, y)[c] = static_cast<std::uint8_t>(
            std::clamp(from.at(x, y)[c] + (x * 5 + y * 3 + c) % 17 - 8, 0, 255));
  return image;
}

/// A soft blob with texture, as a photograph has.
Image photo(int side, double blur = 0, int noise = 0, int brightness = 0) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  Image image(side, side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < 3; ++c) {
        double value = 120 + brightness;
        for (int k = 1; k <= 6; ++k)
          value += 12 * std::exp(-blur * k * k / 20) *
                   std::sin(2 * 3.14159 * (x * k * 3 + y * (7 - k) * 2.0) / side + k + c);
        value += noise * normal(random);
        image.at(x, y)[c] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
  return image;
}

TEST(PictureSimilarityTest, AgreesWithADirectComputation) {
  // Sums over all windows written out in another language.
  const Image a = pattern();
  const Similarity s = compare(a, disturbed(a));
  EXPECT_NEAR(s.mse, 23.6444444, 1e-6);
  EXPECT_NEAR(s.ssim, 0.9935142, 2e-5);
  EXPECT_NEAR(s.ms_ssim, 0.9935142, 2e-5);  // one scale only
  EXPECT_NEAR(psnr_db(s.mse), 34.394, 1e-3);
}

TEST(PictureSimilarityTest, EqualPicturesAreEqual) {
  const Image a = photo(200);
  const Similarity s = compare(a, a);
  EXPECT_EQ(s.mse, 0);
  EXPECT_NEAR(s.ssim, 1, 1e-6);
  EXPECT_NEAR(s.ms_ssim, 1, 1e-6);
  EXPECT_EQ(psnr_db(0), 100);
}

TEST(PictureSimilarityTest, MoreNoiseIsLessAlike) {
  const Image a = photo(256);
  double ssim = 1, ms_ssim = 1, mse = 0;
  for (const int noise : {4, 12, 30}) {
    const Similarity s = compare(a, photo(256, 0, noise));
    EXPECT_LT(s.ssim, ssim);
    EXPECT_LT(s.ms_ssim, ms_ssim);
    EXPECT_GT(s.mse, mse);
    EXPECT_GT(s.ms_ssim, s.ssim);  // coarse scales average noise away
    ssim = s.ssim;
    ms_ssim = s.ms_ssim;
    mse = s.mse;
  }
}

TEST(PictureSimilarityTest, PsnrIsOfTheMeanError) {
  SimilarityMean mean;
  EXPECT_FALSE(mean.result());
  mean.push({10, 0.9, 0.8});
  mean.push({30, 0.7, 0.6});
  EXPECT_NEAR(mean.result()->psnr_db, psnr_db(20), 1e-9);
  EXPECT_NEAR(mean.result()->ssim, 0.8, 1e-9);
}

TEST(PictureSimilarityTest, CutTakesTheBox) {
  const Image picture = photo(100);
  const Image part = cut(picture, {20, 30, 40}, 40);
  for (const int at : {2, 20, 37})
    EXPECT_NEAR(part.at(at, at)[1], picture.at(20 + at, 30 + at)[1], 3);
}

TEST(PictureSimilarityTest, ResizedPicturesStayAlike) {
  const Image a = photo(200);
  const Image small = resized(a, 100, 50);
  EXPECT_EQ(small.width, 100);
  EXPECT_EQ(small.height, 50);
  EXPECT_GT(compare(resized(resized(a, 300, 260), 200, 200), a).ssim, 0.95);
  const Image flat = resized(Image(7, 5), 20, 20);
  EXPECT_EQ(*std::max_element(flat.rgb.begin(), flat.rgb.end()), 0);
}

TrackedFace face_in(int side) {
  TrackedFace face;
  face.pose.scale = static_cast<float>(side) / 2.5F;
  face.pose.translation = {static_cast<float>(side) / 2, static_cast<float>(side) / 3, 0};
  std::mt19937 random(1);
  std::uniform_real_distribution<float> anywhere(0.3F * static_cast<float>(side),
                                                 0.7F * static_cast<float>(side));
  for (Point3& p : face.mesh) p = {anywhere(random), anywhere(random), 0};
  return face;
}

TextureMeter::Result texture_of(const Image& picture) {
  TextureMeter meter;
  meter.push(describe_texture(picture, face_in(picture.width)));
  return meter.result().value();
}

TEST(FaceTextureTest, DetailFallsWithBlur) {
  double last = 1e9;
  for (const double blur : {0.0, 0.5, 1.0, 3.0}) {
    const double detail = texture_of(photo(400, blur)).mouth_detail;
    EXPECT_LT(detail, last);
    last = detail;
  }
}

TEST(FaceTextureTest, ColourErrorGrowsWithBrightness) {
  const auto real = texture_of(photo(400));
  EXPECT_NEAR(colour_error(real, real), 0, 1e-9);
  const double little = colour_error(texture_of(photo(400, 0, 0, 5)), real);
  const double much = colour_error(texture_of(photo(400, 0, 0, 20)), real);
  EXPECT_GT(little, 1);
  EXPECT_GT(much, 3 * little);
}

TEST(FaceTextureTest, APastedPatchHasASeam) {
  const Image clean = photo(400, 5);
  Image pasted = clean;
  // Everything within a circle about the mouth is a little brighter.
  const Similarity2 map = crop_from_picture(face_in(400).pose);
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 400; ++x) {
      const Point2 p = map.apply({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
      if (std::hypot(p.x - 96, p.y - 84) < 56)
        for (int c = 0; c < 3; ++c)
          pasted.at(x, y)[c] = static_cast<std::uint8_t>(std::min(255, pasted.at(x, y)[c] + 10));
    }
  EXPECT_LT(texture_of(clean).seam, 0.3);
  EXPECT_GT(texture_of(pasted).seam, texture_of(clean).seam + 1);
}

TEST(FaceTextureTest, FlickerIsTheChangeThatGoesBackAndForth) {
  TextureMeter steady, flickering, dimming;
  for (int f = 0; f < 10; ++f) {
    const TrackedFace face = face_in(200);
    steady.push(describe_texture(photo(200), face));
    flickering.push(describe_texture(photo(200, 0, 0, f % 2 == 0 ? 4 : 0), face));
    dimming.push(describe_texture(photo(200, 0, 0, -2 * f), face));
  }
  EXPECT_NEAR(steady.result()->flicker.value(), 0, 1e-4);
  EXPECT_NEAR(flickering.result()->flicker.value(), 4, 0.3);
  EXPECT_LT(dimming.result()->flicker.value(), 0.3);
  TextureMeter two;
  two.push(describe_texture(photo(200), face_in(200)));
  EXPECT_FALSE(two.result()->flicker);
}

}  // namespace
}  // namespace visema
