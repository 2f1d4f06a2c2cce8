#include "visema/evaluation/sync_score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace visema {
namespace {

constexpr double kTemperature = 0.08;
constexpr float kUnrelated = -6;  // background of a mouth that is far from everything

/// Distances with a dip at `offset`, as wide as a frame or two.
ShiftDistances dip_at(double offset, double depth = 0.3) {
  ShiftDistances distances{};
  for (int s = -kSyncShifts; s <= kSyncShifts; ++s) {
    const double d = (s - offset) / 1.5;
    distances[static_cast<std::size_t>(s + kSyncShifts)] =
        static_cast<float>(1.4 - depth * std::exp(-d * d));
  }
  return distances;
}

TEST(SyncScoreTest, FindsTheOffsetOfLateSound) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 100; ++i) score.push(i / 25.0, dip_at(4), kUnrelated);
  const auto r = score.result();
  ASSERT_TRUE(r);
  EXPECT_EQ(r->offset_frames, 4);
  EXPECT_NEAR(r->distance, 1.1, 1e-6);
  EXPECT_NEAR(r->confidence, 0.3, 1e-3);
  EXPECT_EQ(r->in_sync_percent, 0.0);
  EXPECT_EQ(r->offset.value.size(), 100U);
}

TEST(SyncScoreTest, InSyncIsWithinOneFrame) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 200; ++i) score.push(i / 25.0, dip_at(i < 100 ? 1 : 3), kUnrelated);
  const auto r = score.result();
  EXPECT_NEAR(r->in_sync_percent.value(), 50, 3);
}

TEST(SyncScoreTest, ScatteredMomentsHaveNoShareInSync) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 40; ++i) score.push(i / 2.0, dip_at(0), kUnrelated);
  const auto r = score.result();
  ASSERT_TRUE(r);
  EXPECT_EQ(r->offset_frames, 0);
  EXPECT_FALSE(r->in_sync_percent);
}

TEST(SyncScoreTest, DriftIsTheSlopeInMillisecondsAMinute) {
  SyncScore score(kTemperature);
  // One frame (40 ms) in 15 s: 160 ms a minute.
  for (int i = 0; i < 1500; ++i) score.push(i / 25.0, dip_at(-2 + i / 25.0 / 15), kUnrelated);
  const auto r = score.result();
  ASSERT_TRUE(r->drift_ms_per_min);
  EXPECT_NEAR(*r->drift_ms_per_min, 160, 10);
}

TEST(SyncScoreTest, ShortVideosHaveNoDrift) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 60; ++i) score.push(i / 25.0, dip_at(0), kUnrelated);
  EXPECT_FALSE(score.result()->drift_ms_per_min);
}

TEST(SyncScoreTest, FlatDistancesHaveNoConfidence) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 60; ++i) score.push(i / 25.0, dip_at(0, 0), kUnrelated);
  EXPECT_NEAR(score.result()->confidence, 0, 1e-6);
}

TEST(SyncScoreTest, AStillPictureHasConfidenceButNoMargin) {
  // Every mouth is equal, so that a distance depends on the sound alone; a murmur is near to it.
  SyncScore score(kTemperature);
  for (int i = 0; i < 30; ++i) {
    ShiftDistances distances{};
    for (int s = -kSyncShifts; s <= kSyncShifts; ++s)
      distances[static_cast<std::size_t>(s + kSyncShifts)] = i + s > 28 && i + s < 36 ? 0.9F : 1.4F;
    score.push(i / 25.0, distances, kUnrelated);
  }
  const auto r = score.result();
  EXPECT_GT(r->confidence, 0.05);
  EXPECT_NEAR(r->margin, 0, 1e-5);
}

/// Distances of vectors that fit at one shift and are at right angles elsewhere.
ShiftDistances fit_at(int offset) {
  ShiftDistances distances{};
  distances.fill(std::sqrt(2.0F));
  distances[static_cast<std::size_t>(offset + kSyncShifts)] = 1;  // product 0.5
  return distances;
}

TEST(SyncScoreTest, EvidenceIsLikelihoodOverUnrelatedSpeech) {
  SyncScore score(0.25);
  for (int i = 0; i < 100; ++i) score.push(i / 25.0, fit_at(3), 0.8F);
  // exp(0.5 / 0.25) against exp(0.8), which is more than the mean over the video's own mouths.
  EXPECT_NEAR(score.result()->evidence, 2 - 0.8, 0.02);
}

TEST(SyncScoreTest, EvidenceIsLikelihoodOverTheOtherMouthsToo) {
  SyncScore score(0.25);
  for (int i = 0; i < 400; ++i) score.push(i / 25.0, fit_at(0), kUnrelated);
  // A sound meets up to 31 mouths, one of which fits: the mean of exp is (exp(2) + 30) / 31.
  EXPECT_NEAR(score.result()->evidence, 2 - std::log((std::exp(2) + 30) / 31), 0.02);
}

TEST(SyncScoreTest, AStillPictureHasNoEvidence) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 30; ++i) {
    ShiftDistances distances{};
    for (int s = -kSyncShifts; s <= kSyncShifts; ++s)
      distances[static_cast<std::size_t>(s + kSyncShifts)] = i + s > 28 && i + s < 36 ? 0.9F : 1.4F;
    score.push(i / 25.0, distances, kUnrelated);
  }
  EXPECT_LE(score.result()->evidence, 1e-6);
}

TEST(SyncScoreTest, AMurmurDoesNotMoveTheOffset) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 60; ++i) {
    ShiftDistances distances = dip_at(2, 0.2);
    for (int s = -kSyncShifts; s <= kSyncShifts; ++s)
      if (i + s > 50) distances[static_cast<std::size_t>(s + kSyncShifts)] -= 0.5F;
    score.push(i / 25.0, distances, kUnrelated);
  }
  const auto r = score.result();
  EXPECT_EQ(r->offset_frames, 2);
  EXPECT_GT(r->margin, 0.1);
}

TEST(SyncScoreTest, AShiftThatFewWindowsHaveCannotWin) {
  SyncScore score(kTemperature);
  for (int i = 0; i < 30; ++i) {
    ShiftDistances distances = dip_at(0, 0.2);
    distances[0] = i < 3 ? 0.1F : std::numeric_limits<float>::quiet_NaN();
    score.push(i / 25.0, distances, kUnrelated);
  }
  EXPECT_EQ(score.result()->offset_frames, 0);
}

TEST(SyncScoreTest, NothingFromTooFewWindows) {
  SyncScore score(kTemperature);
  for (std::size_t i = 0; i + 1 < SyncScore::kFewestWindows; ++i)
    score.push(0.04 * i, dip_at(0), kUnrelated);
  EXPECT_FALSE(score.result());
}

}  // namespace
}  // namespace visema
