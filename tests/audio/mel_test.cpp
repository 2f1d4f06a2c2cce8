#include "visema/audio/mel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "golden_tensors.h"

namespace visema {
namespace {

constexpr auto kGolden = VISEMA_SOURCE_DIR "/../shared/golden/iplap/mel.safetensors";

std::vector<float> all_frames(const LogMel& mel) {
  std::vector<float> frames(static_cast<std::size_t>(mel.frames_ready()) * kMelBands);
  mel.copy(0, mel.frames_ready(), frames.data());
  return frames;
}

std::vector<float> mel_of(std::span<const float> samples,
                          MelPadding padding = MelPadding::kSilence) {
  LogMel mel(padding);
  mel.push(samples);
  mel.finish();
  return all_frames(mel);
}

std::vector<float> random_samples(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> samples(count);
  for (auto& sample : samples)
    sample = static_cast<float>(random()) / static_cast<float>(random.max()) - 0.5F;
  return samples;
}

/// Largest difference of frames [n][80] and a golden spectrogram [80][n].
double difference(const std::vector<float>& frames, const std::vector<float>& golden) {
  if (frames.size() != golden.size()) return std::numeric_limits<double>::infinity();
  const std::size_t count = frames.size() / kMelBands;
  double worst = 0;
  for (std::size_t frame = 0; frame < count; ++frame)
    for (std::size_t band = 0; band < kMelBands; ++band)
      worst = std::max<double>(
          worst, std::abs(frames[frame * kMelBands + band] - golden[band * count + frame]));
  return worst;
}

TEST(LogMel, AgreesWithTheReference) {
  auto golden = read_golden(kGolden);
  if (golden.empty()) GTEST_SKIP() << kGolden << " is absent";
  const auto& wave = golden.at("wave");
  EXPECT_LT(difference(mel_of(wave), golden.at("mel_zero_pad")), 1e-3);
  EXPECT_LT(difference(mel_of(wave, MelPadding::kReflect), golden.at("mel_reflect_pad")), 1e-3);
}

TEST(LogMel, FilterbankAgreesWithTheReference) {
  auto golden = read_golden(kGolden);
  if (golden.empty()) GTEST_SKIP() << kGolden << " is absent";
  EXPECT_THAT(mel_filterbank(),
              testing::Pointwise(testing::FloatNear(1e-7F), golden.at("mel_filterbank")));
}

TEST(LogMel, DoesNotDependOnTheChunks) {
  const auto samples = random_samples(40123, 1);
  for (const auto padding : {MelPadding::kSilence, MelPadding::kReflect}) {
    const auto whole = mel_of(samples, padding);
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::mt19937 random(seed);
      LogMel mel(padding);
      const std::size_t longest = seed % 2 == 0 ? 300 : 9000;
      for (std::size_t at = 0; at < samples.size();) {
        const auto size = std::min<std::size_t>(random() % longest, samples.size() - at);
        mel.push(std::span(samples).subspan(at, size));
        at += size;
      }
      mel.finish();
      ASSERT_EQ(all_frames(mel), whole) << "seed " << seed;
    }
  }
}

TEST(LogMel, CountsFramesByTheirCentre) {
  for (const std::size_t size : {1, 199, 200, 201, 399, 400, 401, 16000}) {
    LogMel mel;
    mel.push(random_samples(size, 2));
    EXPECT_EQ(mel.frames_ready(), size < 400 ? 0 : (static_cast<FrameIndex>(size) - 400) / 200 + 1);
    mel.finish();
    EXPECT_EQ(mel.frames_ready(), static_cast<FrameIndex>(size) / 200 + 1) << size;
  }
  LogMel empty;
  empty.finish();
  EXPECT_EQ(empty.frames_ready(), 0);
}

TEST(LogMel, IsSilentOutsideTheStreamAndInDigitalSilence) {
  const std::vector<float> samples(1000, 0.0F);
  LogMel mel;
  mel.push(samples);
  mel.finish();
  std::vector<float> frames(20 * kMelBands);
  mel.copy(-5, 20, frames.data());
  EXPECT_THAT(frames, testing::Each(kMelSilence));
}

TEST(LogMel, FindsATone) {
  std::vector<float> samples(8000);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] = 0.5F * std::sin(2 * 3.14159265F * 1000 * static_cast<float>(i) / kSpeechRateHz);
  const auto frames = mel_of(samples);
  const auto middle = frames.begin() + 20 * kMelBands;
  // 1 kHz is mel 15; band b is centred on mel 0.825 + (b + 1) * 0.53.
  EXPECT_NEAR(std::max_element(middle, middle + kMelBands) - middle, 26, 1);
}

TEST(LogMel, SamplesThatAreNotFiniteCountAsZero) {
  auto samples = random_samples(4000, 3);
  samples[100] = samples[2000] = 0;
  const auto expected = mel_of(samples);
  samples[100] = std::numeric_limits<float>::quiet_NaN();
  samples[2000] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(mel_of(samples), expected);
}

TEST(LogMel, DroppedFramesLeaveTheOthersInPlace) {
  const auto samples = random_samples(100000, 4);
  const auto whole = mel_of(samples);
  LogMel mel;
  for (std::size_t at = 0; at < samples.size(); at += 1000) {
    mel.push(std::span(samples).subspan(at, 1000));
    const FrameIndex first = std::max<FrameIndex>(0, mel.frames_ready() - 7);
    mel.drop_before(first);
    std::vector<float> tail(static_cast<std::size_t>(mel.frames_ready() - first) * kMelBands);
    mel.copy(first, mel.frames_ready() - first, tail.data());
    ASSERT_TRUE(std::equal(tail.begin(), tail.end(), whole.begin() + first * kMelBands));
  }
}

TEST(LogMel, StartsAgainAfterReset) {
  const auto samples = random_samples(5000, 5);
  LogMel mel;
  mel.push(random_samples(3333, 6));
  mel.finish();
  mel.reset();
  mel.push(samples);
  mel.finish();
  EXPECT_EQ(all_frames(mel), mel_of(samples));
}

}  // namespace
}  // namespace visema
