#include "visema/evaluation/motion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "visema/core/face_points.h"
#include "visema/evaluation/jitter.h"
#include "visema/evaluation/stream_clock.h"

namespace visema {
namespace {

/// A face one unit wide whose points lie on a grid.
FaceMesh plain_face() {
  FaceMesh face{};
  for (int i = 0; i < kMeshPoints; ++i)
    face[i] = {static_cast<float>(i % 20) * 0.02F, static_cast<float>(i / 20) * 0.03F, 0};
  face[234] = {-0.5F, 0.5F, 0};
  face[454] = {0.5F, 0.5F, 0};
  return face;
}

Jitter::Result jitter_of(float noise, float articulation) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  Jitter jitter(25);
  for (int f = 0; f < 100; ++f) {
    FaceMesh face = plain_face();
    for (const std::uint16_t i : kLips)
      face[i].y += articulation * std::sin(static_cast<float>(f) * 0.4F);
    for (int i = 0; i < kMeshPoints; ++i) face[i].x += noise * normal(random);
    jitter.push(face);
  }
  return jitter.result().value();
}

TEST(JitterTest, GrowsWithNoise) {
  double last = -1;
  for (const float noise : {0.0F, 0.0005F, 0.001F, 0.003F}) {
    const auto r = jitter_of(noise, 0.02F);
    EXPECT_GT(r.lips, last);
    last = r.lips;
    EXPECT_NEAR(r.rigid, noise * 1000 * std::sqrt(1.5), noise * 150 + 1e-3);
  }
}

TEST(JitterTest, AStillFaceHasNone) {
  const auto r = jitter_of(0, 0);
  EXPECT_EQ(r.lips, 0);
  EXPECT_EQ(r.rigid, 0);
}

/// Jitter of a face that every second frame lies elsewhere.
double jitter_at(double fps) {
  Jitter jitter(fps);
  for (int f = 0; f < 40; ++f) {
    FaceMesh face = plain_face();
    for (const std::uint16_t i : kLips) face[i].x += f % 2 == 0 ? 0 : 0.01F;
    jitter.push(face);
  }
  return jitter.result().value().lips;
}

TEST(JitterTest, FastVideosAreLookedAtAbout25TimesASecond) {
  for (const double fps : {24.0, 30.0, 40.0}) EXPECT_NEAR(jitter_at(fps), 10, 0.1) << fps;
  for (const double fps : {41.0, 48.0, 50.0, 60.0, 100.0}) EXPECT_EQ(jitter_at(fps), 0) << fps;
  EXPECT_NEAR(jitter_at(75), 10, 0.1);  // every third
}

TEST(JitterTest, NeedsThreeFramesInARow) {
  Jitter jitter(25);
  for (int f = 0; f < 6; ++f) {
    jitter.push(plain_face());
    if (f % 2 == 1) jitter.skip();
  }
  EXPECT_FALSE(jitter.result());
}

TEST(LifeSignsTest, CountsBlinksAndMeasuresTheHead) {
  LifeSigns signs;
  for (int f = 0; f < 750; ++f) {  // 30 s
    const int in_second = f % 75;  // a blink every three seconds, four frames long
    const float eye = in_second < 4 ? 0.08F : 0.3F;
    signs.push(f / 25.0, eye, 0, 0.1F * std::sin(static_cast<float>(f) / 25), 0);
  }
  const auto r = signs.result().value();
  EXPECT_NEAR(r.blinks_per_minute.value(), 20, 0.5);
  EXPECT_NEAR(r.head_rotation_deg, 0.1 / std::sqrt(2.0) * 57.3, 0.3);
  EXPECT_NEAR(r.head_speed_deg_per_s, 0.1 * 57.3 * 2 / 3.14159, 0.4);
}

TEST(LifeSignsTest, ClosedEyesAreNoBlinkAndShortVideosHaveNoRate) {
  LifeSigns asleep, brief;
  for (int f = 0; f < 250; ++f) asleep.push(f / 25.0, f >= 50 && f < 100 ? 0.05F : 0.3F, 0, 0, 0);
  EXPECT_EQ(asleep.result()->blinks_per_minute.value(), 0);
  for (int f = 0; f < 50; ++f) brief.push(f / 25.0, 0.3F, 0, 0, 0);
  EXPECT_FALSE(brief.result()->blinks_per_minute);
}

std::shared_ptr<const Image> picture(int level) {
  auto image = std::make_shared<Image>(64, 64);
  for (std::size_t i = 0; i < image->rgb.size(); ++i)
    image->rgb[i] = static_cast<std::uint8_t>((i * 7 + static_cast<std::size_t>(level) * 5) % 251);
  return image;
}

TEST(StreamClockTest, ARegularClockHasNoFaults) {
  StreamClock clock;
  for (int f = 0; f < 50; ++f) clock.push(std::round(f / 30.0 * 1000) / 1000, picture(f));
  const auto r = clock.result();
  EXPECT_NEAR(r.fps, 30, 0.02);
  EXPECT_NEAR(r.duration_s, 50 / 30.0, 0.002);
  EXPECT_EQ(r.dropped, 0);
  EXPECT_EQ(r.repeated, 0);
}

TEST(StreamClockTest, CountsDroppedAndRepeatedFrames) {
  StreamClock clock;
  for (int f = 0; f < 50; ++f) {
    if (f == 10 || f == 11 || f == 30) continue;
    clock.push(f / 25.0, picture(f == 20 ? 19 : f));
  }
  const auto r = clock.result();
  EXPECT_NEAR(r.fps, 25, 1e-3);
  EXPECT_EQ(r.dropped, 3);
  EXPECT_EQ(r.repeated, 1);
}

TEST(StreamClockTest, ASmallMovementIsNoRepetition) {
  const auto a = picture(3);
  Image b = *a;
  for (int y = 30; y < 36; ++y)
    for (int x = 20; x < 32; ++x) b.at(x, y)[1] = static_cast<std::uint8_t>(255 - b.at(x, y)[1]);
  EXPECT_FALSE(is_repeated(*a, b));
  EXPECT_TRUE(is_repeated(*a, *a));
  EXPECT_FALSE(is_repeated(*a, Image(32, 32)));
}

}  // namespace
}  // namespace visema
