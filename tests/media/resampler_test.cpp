#include "visema/media/resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "media_files.h"

namespace visema {
namespace {

using namespace test;

/// Feeds `samples` in blocks of the given sizes, again and again.
std::vector<float> resample(Resampler& resampler, const std::vector<float>& samples, int rate_hz,
                            int channels, const std::vector<int>& sizes) {
  std::vector<float> out;
  SampleIndex expected = 0;
  const auto take = [&](const AudioBlock& block) {
    EXPECT_EQ(block.first, expected);
    expected += block.size();
    out.insert(out.end(), block.samples.begin(), block.samples.end());
  };
  const auto total = static_cast<SampleIndex>(samples.size()) / channels;
  SampleIndex at = 0;
  for (std::size_t k = 0; at < total; ++k) {
    const SampleIndex count = std::min<SampleIndex>(sizes[k % sizes.size()], total - at);
    AudioBlock block{at, rate_hz, channels, {}};
    block.samples.assign(samples.begin() + at * channels,
                         samples.begin() + (at + count) * channels);
    take(resampler.process(block));
    at += count;
  }
  take(resampler.finish());
  return out;
}

TEST(Resampler, HasTheExactLength) {
  for (const int in : {8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000}) {
    for (const int out : {8000, 16000, 44100, 48000, 96000}) {
      for (const int count : {1, 2, 3, 10, 63, 64, 1000, 4801}) {
        Resampler resampler(in, 1, out, 1);
        const auto got = resample(resampler, std::vector<float>(count, 0.5f), in, 1, {count});
        EXPECT_EQ(static_cast<long long>(got.size()),
                  static_cast<long long>(std::floor(double{1} * count * out / in + 0.5)))
            << in << " to " << out << ", " << count;
      }
    }
  }
}

TEST(Resampler, DoesNotShift) {
  for (const int in : {8000, 16000, 22050, 44100, 48000, 96000, 192000}) {
    for (const int out : {16000, 44100, 48000}) {
      std::vector<float> samples(in);
      const int position = in / 2 + 11;
      for (int i = -200; i <= 200; ++i) {  // a bell of about 1 ms
        const double t = 1000.0 * i / in;
        if (position + i >= 0) samples[position + i] = static_cast<float>(std::exp(-t * t * 4));
      }
      Resampler resampler(in, 1, out, 1);
      const auto got = resample(resampler, samples, in, 1, {1000});
      double weight = 0;
      double moment = 0;
      for (std::size_t i = 0; i < got.size(); ++i) {
        weight += got[i];
        moment += got[i] * static_cast<double>(i);
      }
      EXPECT_NEAR(moment / weight / out, static_cast<double>(position) / in, 0.02 / out)
          << in << " to " << out;
    }
  }
}

TEST(Resampler, KeepsBothEnds) {
  Resampler resampler(48000, 1, 16000, 1);
  const auto got = resample(resampler, std::vector<float>(48000, 0.5f), 48000, 1, {480});
  for (const float sample : got) ASSERT_NEAR(sample, 0.5f, 0.01f);
}

TEST(Resampler, DoesNotDependOnBlocks) {
  std::mt19937 generator(5);
  std::uniform_real_distribution<float> noise(-0.5f, 0.5f);
  std::vector<float> samples(2 * 30011);
  for (float& sample : samples) sample = noise(generator);
  for (const auto& [in, out] :
       {std::pair{44100, 16000}, {48000, 16000}, {16000, 48000}, {22050, 44100}, {8000, 11025}}) {
    Resampler resampler(in, 2, out, 1);
    const auto whole = resample(resampler, samples, in, 2, {1 << 20});
    EXPECT_EQ(resample(resampler, samples, in, 2, {1, 7, 500, 3}), whole) << in << " to " << out;
    EXPECT_EQ(resample(resampler, samples, in, 2, {1024}), whole) << in << " to " << out;
  }
}

TEST(Resampler, PassesTheSameRateThrough) {
  Resampler resampler(16000, 1, 16000, 1);
  std::vector<float> samples(1000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(i) / 1000;
  EXPECT_EQ(resample(resampler, samples, 16000, 1, {77}), samples);
}

TEST(Resampler, RefusesNonsense) {
  EXPECT_EQ(error_of([] { Resampler(0, 1, 16000, 1); }), ErrorCode::kInput);
  EXPECT_EQ(error_of([] { Resampler(16000, 0, 16000, 1); }), ErrorCode::kInput);
  EXPECT_EQ(error_of([] { Resampler(16000, 1, 1000000, 1); }), ErrorCode::kInput);
}

}  // namespace
}  // namespace visema
