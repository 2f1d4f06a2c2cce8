#include "visema/evaluation/lse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "visema/core/error.h"

namespace visema {
namespace {

/// A different direction for every moment, length 1.
std::vector<float> moment(std::int64_t t, std::size_t size = 16) {
  std::vector<float> e(size);
  double norm = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double phase = 12.9898 * static_cast<double>(t) + 78.233 * static_cast<double>(i + 1);
    e[i] = static_cast<float>(std::sin(phase * phase));
    norm += e[i] * e[i];
  }
  for (float& v : e) v = static_cast<float>(v / std::sqrt(norm));
  return e;
}

/// Mouths 0..n-1 say moment t, sound says it `late` frames later.
LipSyncError::Result score(int n, int late) {
  LipSyncError lse;
  for (int t = 0; t < n; ++t) {
    lse.push_speech(t, moment(t - late));
    lse.push_mouth(t, moment(t));
  }
  lse.finish();
  return *lse.result();
}

TEST(LipSyncErrorTest, LateSoundHasAPositiveOffset) {
  for (const int late : {4, 0, -7}) EXPECT_EQ(score(200, late).offset_frames, late);
}

TEST(LipSyncErrorTest, LeastMeanAndMedianMinusIt) {
  const auto r = score(200, 3);
  EXPECT_NEAR(r.distance, 3.0 / 200, 1e-3);  // of the last three mouths, whose sound is missing
  EXPECT_NEAR(r.confidence, std::sqrt(2.0), 0.1);
  EXPECT_EQ(r.windows, 200);
}

/// The definition again: all 31 distances of each window with the sound padded by 15 zeros.
TEST(LipSyncErrorTest, EqualsThePaddedDefinition) {
  constexpr int kFrames = 40;
  constexpr std::size_t kSize = 8;
  std::vector<std::vector<float>> padded(kFrames + 30, std::vector<float>(kSize));
  for (int t = 0; t < kFrames; ++t) padded[t + 15] = moment(3 * t + 1, kSize);
  std::array<double, 31> mean{};
  LipSyncError lse;
  for (int t = 0; t < kFrames; ++t) {
    const auto mouth = moment(t * t, kSize);
    for (int s = 0; s < 31; ++s) {
      double sum = 0;
      for (std::size_t i = 0; i < kSize; ++i)
        sum += std::pow(static_cast<double>(mouth[i]) - padded[t + s][i] + 1e-6, 2);
      mean[s] += std::sqrt(sum) / kFrames;
    }
    lse.push_mouth(t, mouth);
  }
  for (int t = 0; t < kFrames; ++t) lse.push_speech(t, padded[t + 15]);
  lse.finish();
  const auto r = lse.result();
  ASSERT_TRUE(r);
  for (int s = 0; s < 31; ++s) EXPECT_NEAR(r->mean[s], mean[s], 1e-12);
  std::array<double, 31> sorted = mean;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_NEAR(r->distance, sorted[0], 1e-12);
  EXPECT_NEAR(r->confidence, sorted[15] - sorted[0], 1e-12);
}

TEST(LipSyncErrorTest, OrderOfBothSidesDoesNotMatter) {
  LipSyncError::Result results[3];
  for (int order = 0; order < 3; ++order) {
    LipSyncError lse;
    const auto mouth = [&](int t) { lse.push_mouth(t, moment(t)); };
    const auto speech = [&](int t) { lse.push_speech(t, moment(t - 2)); };
    if (order == 0) {
      for (int t = 0; t < 60; ++t) mouth(t);
      for (int t = 0; t < 60; ++t) speech(t);
    } else if (order == 1) {
      for (int t = 0; t < 60; ++t) speech(t);
      for (int t = 0; t < 60; ++t) mouth(t);
    } else {
      for (int t = 0; t < 60; ++t) speech(t), mouth(t);
    }
    lse.finish();
    results[order] = *lse.result();
    EXPECT_EQ(results[order].windows, 60);
  }
  EXPECT_EQ(results[0].mean, results[1].mean);
  EXPECT_EQ(results[0].mean, results[2].mean);
}

TEST(LipSyncErrorTest, AWindowCountsOnceItsSoundIsThere) {
  LipSyncError lse;
  lse.push_mouth(5, moment(5));
  for (int t = 0; t < 20; ++t) lse.push_speech(t, moment(t));
  EXPECT_FALSE(lse.result());
  lse.push_speech(20, moment(20));
  ASSERT_TRUE(lse.result());
  EXPECT_EQ(lse.result()->windows, 1);
  EXPECT_NEAR(lse.result()->mean[9], 1, 1e-4);  // to frame -1, beyond the sound
  EXPECT_LT(lse.result()->mean[15], 1e-5);
}

TEST(LipSyncErrorTest, FramesWithoutAMouthDoNotCount) {
  LipSyncError lse;
  for (int t = 0; t < 100; ++t) {
    lse.push_speech(t, moment(t - 1));
    if (t < 20 || t >= 70)
      lse.push_mouth(t, moment(t));
    else
      lse.skip_mouth_until(t + 1);
  }
  lse.finish();
  EXPECT_EQ(lse.result()->windows, 50);
  EXPECT_EQ(lse.result()->offset_frames, 1);
}

TEST(LipSyncErrorTest, NothingWithoutWindows) {
  LipSyncError lse;
  lse.push_speech(0, moment(0));
  lse.finish();
  EXPECT_FALSE(lse.result());
}

TEST(LipSyncErrorTest, RefusesOtherSizesAndFallingIndices) {
  LipSyncError lse;
  lse.push_speech(3, moment(3));
  EXPECT_THROW(lse.push_mouth(3, moment(3, 8)), Error);
  EXPECT_THROW(lse.push_speech(3, moment(3)), Error);
  EXPECT_THROW(lse.push_speech(4, {}), Error);
}

}  // namespace
}  // namespace visema
