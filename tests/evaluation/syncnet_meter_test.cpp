#include "visema/evaluation/syncnet_meter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "visema/evaluation/syncnet_crop.h"

namespace visema {
namespace {

/// Loudness of the sound and grey of the picture at each moment: any two are far apart.
double level(std::int64_t moment) {
  return 0.2 + 0.6 * std::fmod(0.6180339887 * static_cast<double>(std::abs(moment) + 1), 1.0);
}

/// Mouths say the grey of their first picture, speech the loudness of its first moment, on one
/// scale.
std::vector<float> grey_mouth(std::span<const std::uint8_t> rgb) {
  constexpr std::size_t kPicture = 224 * 224 * 3;
  std::vector<float> out;
  for (std::size_t at = 0; at + 5 * kPicture <= rgb.size(); at += kPicture)
    out.insert(out.end(), {static_cast<float>(rgb[at + kPicture / 2]) / 255, 1.0F});
  return out;
}
std::vector<float> loud_speech(std::span<const float> mfcc) {
  std::vector<float> out;
  for (std::size_t frame = 0; (frame + 20) * 13 <= mfcc.size(); frame += 4) {
    // Of the square wave below with amplitude A, sum P is 388 A^2.
    constexpr double kLoudest = 19.7 * 0.2 * 32768;
    // The frame 10 ms after the start lies wholly within the moment.
    const double energy = mfcc[(frame + 1) * 13];
    out.insert(out.end(), {static_cast<float>(std::exp(energy / 2) / kLoudest), 1.0F});
  }
  return out;
}

/// A square wave of 4 kHz as loud as `level` of each moment.
std::vector<float> sound_of(int moments, int late) {
  std::vector<float> samples;
  for (int i = 0; i < moments * 640; ++i)
    samples.push_back(
        static_cast<float>(0.2 * level(i / 640 - late) * ((i / 2) % 2 == 0 ? 1 : -1)));
  return samples;
}

FaceMesh mesh_at(float x, float y, float half) {
  FaceMesh mesh{};
  for (int i = 0; i < kMeshPoints; ++i) {
    const float turn = 6.2831853F * static_cast<float>(i) / kMeshPoints;
    mesh[i] = {x + 0.8F * half * std::sin(turn), y - half * std::cos(turn), 0};
  }
  return mesh;
}

std::shared_ptr<const Image> grey(double value) {
  auto image = std::make_shared<Image>(64, 64);
  std::fill(image->rgb.begin(), image->rgb.end(),
            static_cast<std::uint8_t>(std::lround(255 * value)));
  return image;
}

/// Pictures at `fps` of the same moments as the sound, which is late by so many moments.
SyncnetMeter measured(int moments, int late, double fps = 25, int without_face = -100) {
  SyncnetMeter meter(grey_mouth, loud_speech);
  const auto sound = sound_of(moments, late);
  meter.push_sound(std::span(sound).first(777));
  meter.push_sound(std::span(sound).subspan(777));
  const FaceMesh mesh = mesh_at(32, 32, 10);
  for (int i = 0; i < std::lround(moments * fps / 25); ++i) {
    const auto moment = static_cast<std::int64_t>(std::lround(i / fps * 25));
    const bool face = moment < without_face || moment >= without_face + 10;
    meter.push_picture(i / fps, grey(level(moment)), face ? &mesh : nullptr);
  }
  meter.finish();
  return meter;
}

TEST(SyncnetMeterTest, FindsTheOffsetAndCountsWindowsAsTheAuthorsDo) {
  for (const int late : {0, 3, -4}) {
    const auto r = measured(60, late).result();
    ASSERT_TRUE(r);
    EXPECT_EQ(r->offset_frames, late);
    EXPECT_EQ(r->windows, 60 - 5);
    EXPECT_GT(r->confidence, 0.05);
  }
}

TEST(SyncnetMeterTest, TheShorterOfPictureAndSoundCounts) {
  SyncnetMeter meter(grey_mouth, loud_speech);
  meter.push_sound(sound_of(40, 0));
  const FaceMesh mesh = mesh_at(32, 32, 10);
  for (int i = 0; i < 60; ++i) meter.push_picture(i / 25.0, grey(level(i)), &mesh);
  meter.finish();
  EXPECT_EQ(meter.result()->windows, 40 - 5);
}

TEST(SyncnetMeterTest, OtherFrameRates) {
  for (const double fps : {50.0, 30.0}) {
    const auto r = measured(60, 2, fps).result();
    ASSERT_TRUE(r);
    EXPECT_NEAR(static_cast<double>(r->windows), 55, 1);
    EXPECT_EQ(r->offset_frames, 2) << fps;
  }
}

TEST(SyncnetMeterTest, WindowsWithoutAFaceDoNotCount) {
  const auto r = measured(60, 1, 25, 20).result();
  ASSERT_TRUE(r);
  // Windows that begin with 16 .. 29 see one of the moments 20 .. 29.
  EXPECT_EQ(r->windows, 55 - 14);
  EXPECT_EQ(r->offset_frames, 1);
}

TEST(SyncnetMeterTest, NothingWithoutSoundOrFace) {
  SyncnetMeter silent(grey_mouth, loud_speech);
  const FaceMesh mesh = mesh_at(32, 32, 10);
  for (int i = 0; i < 20; ++i) silent.push_picture(i / 25.0, grey(0.5), &mesh);
  silent.finish();
  EXPECT_FALSE(silent.result());
  SyncnetMeter faceless(grey_mouth, loud_speech);
  faceless.push_sound(sound_of(20, 0));
  for (int i = 0; i < 20; ++i) faceless.push_picture(i / 25.0, grey(0.5), nullptr);
  faceless.finish();
  EXPECT_FALSE(faceless.result());
}

TEST(SyncnetCropTest, TheFaceIsTheMeshsExtent) {
  const SyncnetFace face = syncnet_face(mesh_at(100, 60, 20));
  EXPECT_NEAR(face.x, 100, 0.01);
  EXPECT_NEAR(face.y, 60, 0.01);
  EXPECT_NEAR(face.half, 20, 0.01);
}

TEST(SyncnetCropTest, TheCropReachesFurtherDown) {
  // A white rectangle of exactly the crop's area: 2.8 x 20 px, from y - 20.
  Image picture(200, 200);
  for (int y = 40; y < 96; ++y)
    for (int x = 72; x < 128; ++x) std::fill_n(picture.at(x, y), 3, 255);
  const Image crop = syncnet_crop(picture, {100, 60, 20});
  EXPECT_EQ(crop.width, 224);
  EXPECT_EQ(crop.height, 224);
  for (const int x : {6, 112, 217})
    for (const int y : {6, 112, 217}) EXPECT_EQ(crop.at(x, y)[1], 255) << x << ' ' << y;
  const Image moved = syncnet_crop(picture, {100 + 5, 60 + 5, 20});
  EXPECT_EQ(moved.at(217, 112)[0], 0);
  EXPECT_EQ(moved.at(112, 217)[0], 0);
  EXPECT_EQ(moved.at(2, 2)[0], 255);
}

TEST(SyncnetCropTest, MedianDropsOutliers) {
  const SyncnetFace faces[] = {{1, 10, 5}, {2, 90, 6}, {3, 11, 50}};
  const SyncnetFace m = median(faces);
  EXPECT_EQ(m.x, 2);
  EXPECT_EQ(m.y, 11);
  EXPECT_EQ(m.half, 6);
}

}  // namespace
}  // namespace visema
