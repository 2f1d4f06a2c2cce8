#include "visema/audio/mfcc.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

namespace visema {
namespace {

std::vector<float> mfcc_of(std::span<const float> samples, std::size_t piece = 1 << 20) {
  Mfcc mfcc;
  while (!samples.empty()) {
    const auto part = samples.first(std::min(piece, samples.size()));
    mfcc.push(part);
    samples = samples.subspan(part.size());
  }
  mfcc.finish();
  std::vector<float> frames(static_cast<std::size_t>(mfcc.frames_ready()) * kMfccs);
  mfcc.copy(0, mfcc.frames_ready(), frames.data());
  return frames;
}

/// Whole 16-bit values: round(6000 sin(0.05 i) cos(0.003 i) + 2500 sin(0.9 i + 0.0002 i^2)).
std::vector<float> two_tones(int count) {
  std::vector<float> samples;
  for (int i = 0; i < count; ++i) {
    const double x =
        6000 * std::sin(0.05 * i) * std::cos(0.003 * i) + 2500 * std::sin(0.9 * i + 0.0002 * i * i);
    samples.push_back(static_cast<float>(std::nearbyint(x) / 32768));
  }
  return samples;
}

// MFCCs of two_tones(900) in double precision, each of these a plain sum over a frame's y:
// y[i] = x[i] - 0.97 x[i - 1], zero after the end; P[k] = |sum y[i] exp(-2 pi j k i / 512)|^2 /
// 512; edges e[m] = floor(513 hz(mel(8000) m / 27) / 16000), mel(f) = 2595 log10(1 + f / 700), hz
// its inverse; l[m] = log of sum P[k] over the triangle e[m], e[m + 1], e[m + 2]; c[n] = (1 + 11
// sin(pi n / 22)) sqrt(2 / 26) sum l[m] cos(pi n (2 m + 1) / 52), c[0] = log sum P.
constexpr double kExpected[5][kMfccs] = {
    {20.116808, -5.229761, -19.296758, 46.082247, 21.239474, -26.928502, 23.154206, 28.042276,
     -27.774793, -7.935122, 16.258955, -19.730403, -22.135205},
    {20.223075, -11.864322, -14.254390, 51.170103, 12.339759, -22.523667, 34.942959, 14.136483,
     -30.965914, 9.398653, 8.674372, -27.621380, -6.662539},
    {20.327711, -12.755585, -13.527365, 49.319482, 0.538512, -19.059184, 39.794045, 0.530329,
     -27.246232, 20.100102, -1.503003, -25.243798, 5.859675},
    {20.430689, -16.677976, -5.208813, 55.743564, -4.418398, -7.792282, 44.008289, -14.058888,
     -16.420103, 24.145251, -19.789440, -19.695392, 6.466213},
    {20.054032, -19.197945, 5.684025, 62.703019, -1.999033, -5.871881, 32.063364, -22.893904,
     -9.213290, 23.423459, -22.692323, -12.108624, 5.363204},
};

TEST(MfccTest, EqualsTheDefinition) {
  const auto frames = mfcc_of(two_tones(900));
  ASSERT_EQ(frames.size(), 5U * kMfccs);
  for (int f = 0; f < 5; ++f)
    for (int n = 0; n < kMfccs; ++n)
      EXPECT_NEAR(frames[f * kMfccs + n], kExpected[f][n], 2e-4) << f << ' ' << n;
}

TEST(MfccTest, FramesDoNotDependOnThePieces) {
  std::mt19937 random(3);
  std::vector<float> samples(20000);
  for (auto& s : samples) s = static_cast<float>(random()) / 4294967296.0F - 0.5F;
  const auto whole = mfcc_of(samples);
  for (const std::size_t piece : {1U, 7U, 159U, 161U, 400U, 16385U})
    EXPECT_EQ(mfcc_of(samples, piece), whole) << piece;
}

TEST(MfccTest, FrameCounts) {
  const auto count = [](std::size_t samples) {
    return mfcc_of(std::vector<float>(samples, 0.1F)).size() / kMfccs;
  };
  EXPECT_EQ(count(0), 0U);
  EXPECT_EQ(count(1), 1U);
  EXPECT_EQ(count(400), 1U);
  EXPECT_EQ(count(401), 2U);
  EXPECT_EQ(count(560), 2U);
  EXPECT_EQ(count(561), 3U);
  EXPECT_EQ(count(16000), 99U);
}

TEST(MfccTest, SilenceIsTheLogOfTheSmallestStep) {
  const auto frames = mfcc_of(std::vector<float>(800));
  EXPECT_NEAR(frames[0], std::log(std::numeric_limits<double>::epsilon()), 1e-4);
  for (int n = 1; n < kMfccs; ++n) EXPECT_NEAR(frames[n], 0, 1e-3);
}

TEST(MfccTest, LoudAndBrokenSamplesAreClippedAndSilent) {
  auto samples = two_tones(800), clipped = samples;
  samples[10] = 7, clipped[10] = 1;
  samples[300] = std::numeric_limits<float>::infinity(), clipped[300] = 0;
  samples[301] = std::numeric_limits<float>::quiet_NaN(), clipped[301] = 0;
  EXPECT_EQ(mfcc_of(samples), mfcc_of(clipped));
}

TEST(MfccTest, FramesComeWhileTheSoundRunsAndCanBeDropped) {
  const auto samples = two_tones(4000);
  const auto whole = mfcc_of(samples);
  Mfcc mfcc;
  mfcc.push(std::span(samples).first(399));
  EXPECT_EQ(mfcc.frames_ready(), 0);
  mfcc.push(std::span(samples).subspan(399, 1));
  EXPECT_EQ(mfcc.frames_ready(), 1);
  mfcc.push(std::span(samples).subspan(400));
  mfcc.finish();
  mfcc.drop_before(10);
  std::vector<float> one(kMfccs);
  mfcc.copy(12, 1, one.data());
  EXPECT_TRUE(std::equal(one.begin(), one.end(), whole.begin() + 12 * kMfccs));
  mfcc.reset();
  EXPECT_EQ(mfcc.frames_ready(), 0);
  mfcc.push(samples);
  mfcc.finish();
  mfcc.copy(0, 1, one.data());
  EXPECT_TRUE(std::equal(one.begin(), one.end(), whole.begin()));
}

}  // namespace
}  // namespace visema
