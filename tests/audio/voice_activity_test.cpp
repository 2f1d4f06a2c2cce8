#include "visema/audio/voice_activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "visema/audio/mel.h"

namespace visema {
namespace {

constexpr int kFramesPerSecond = kSpeechRateHz / kMelHopSamples;
constexpr auto kSpeechFolder = VISEMA_SOURCE_DIR "/../shared/data/speech";

using Samples = std::vector<float>;

float uniform(std::mt19937& random) {
  return static_cast<float>(random()) / static_cast<float>(random.max()) * 2 - 1;
}

Samples white_noise(double seconds, float amplitude, unsigned seed = 1) {
  std::mt19937 random(seed);
  Samples samples(static_cast<std::size_t>(seconds * kSpeechRateHz));
  for (auto& sample : samples) sample = amplitude * uniform(random);
  return samples;
}

/// 1/f: Kellet's economy filter of white noise.
Samples pink_noise(double seconds, float amplitude) {
  Samples samples = white_noise(seconds, amplitude);
  std::array<float, 3> state{};
  for (auto& sample : samples) {
    const float white = sample;
    state[0] = 0.99765F * state[0] + white * 0.0990460F;
    state[1] = 0.96300F * state[1] + white * 0.2965164F;
    state[2] = 0.57000F * state[2] + white * 1.0526913F;
    sample = (state[0] + state[1] + state[2] + white * 0.1848F) * 0.2F;
  }
  return samples;
}

/// Adds a gliding vowel (harmonics of 120..150 Hz) over [begin_s, end_s) that fades in and out.
void add_vowel(Samples& samples, double begin_s, double end_s, float amplitude) {
  double phase = 0;
  const auto begin = static_cast<std::size_t>(begin_s * kSpeechRateHz);
  const auto end = static_cast<std::size_t>(end_s * kSpeechRateHz);
  for (std::size_t i = begin; i < end && i < samples.size(); ++i) {
    const double at = static_cast<double>(i - begin) / static_cast<double>(end - begin);
    phase += 2 * std::numbers::pi * (120 + 30 * at) / kSpeechRateHz;
    double sum = 0;
    for (int harmonic = 1; harmonic < 30; ++harmonic) sum += std::sin(harmonic * phase) / harmonic;
    samples[i] += amplitude * static_cast<float>(sum * std::sin(std::numbers::pi * at));
  }
}

std::vector<float> mel_of(const Samples& samples) {
  LogMel mel;
  mel.push(samples);
  mel.finish();
  std::vector<float> frames(static_cast<std::size_t>(mel.frames_ready()) * kMelBands);
  mel.copy(0, mel.frames_ready(), frames.data());
  return frames;
}

std::vector<float> gains_of(const VoiceActivity& activity) {
  std::vector<float> gains(static_cast<std::size_t>(activity.frames_ready()));
  activity.copy(0, activity.frames_ready(), gains.data());
  return gains;
}

std::vector<float> gains_of(const Samples& samples) {
  VoiceActivity activity;
  activity.push(mel_of(samples));
  activity.finish();
  return gains_of(activity);
}

double mean(const std::vector<float>& values, double from_s = 0, double to_s = 1e9) {
  const auto begin = static_cast<std::size_t>(from_s * kFramesPerSecond);
  const auto end = std::min(values.size(), static_cast<std::size_t>(to_s * kFramesPerSecond));
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - begin);
}

/// A file of the shared recordings at 16 kHz mono; empty when it or ffmpeg is absent.
Samples recording(const std::string& name) {
  const std::string path = std::string(kSpeechFolder) + "/" + name;
  Samples samples;
  if (!std::filesystem::exists(path)) return samples;
  const std::string command =
      "ffmpeg -v error -i '" + path + "' -ac 1 -ar 16000 -f f32le - 2>/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return samples;
  std::array<float, 4096> block;
  while (const auto count = std::fread(block.data(), sizeof(float), block.size(), pipe))
    samples.insert(samples.end(), block.begin(),
                   block.begin() + static_cast<std::ptrdiff_t>(count));
  pclose(pipe);
  return samples;
}

TEST(VoiceActivity, DigitalSilenceIsSilence) {
  EXPECT_THAT(gains_of(Samples(16000, 0.0F)), testing::Each(0.0F));
  EXPECT_THAT(gains_of(white_noise(2, 1e-4F)), testing::Each(0.0F)) << "dither";
}

TEST(VoiceActivity, SteadyNoiseBecomesSilence) {
  for (const float amplitude : {0.5F, 0.1F, 0.01F}) {
    EXPECT_LT(mean(gains_of(white_noise(8, amplitude)), 1.0), 0.03) << amplitude;
    EXPECT_LT(mean(gains_of(pink_noise(8, amplitude)), 1.0), 0.03) << amplitude;
  }
}

TEST(VoiceActivity, SpeechInNoiseIsWholeAndPausesAreSilent) {
  Samples samples = white_noise(10, 0.01F);
  add_vowel(samples, 3, 3.4, 0.2F);
  add_vowel(samples, 3.45, 3.7, 0.2F);
  add_vowel(samples, 6, 6.3, 0.2F);
  const auto gains = gains_of(samples);
  EXPECT_GT(mean(gains, 3.01, 3.7), 0.99);
  EXPECT_GT(mean(gains, 6.01, 6.3), 0.99);
  EXPECT_LT(mean(gains, 1.5, 2.9), 0.03);
  EXPECT_LT(mean(gains, 4.1, 5.9), 0.03);
  EXPECT_LT(mean(gains, 6.7, 9), 0.03);
}

TEST(VoiceActivity, KeepsWeakSoundsAndFricatives) {
  Samples samples(16000 * 3, 0.0F);
  add_vowel(samples, 0.5, 0.8, 0.006F);  // 34 dB below the vowel that follows
  add_vowel(samples, 0.85, 1.2, 0.3F);
  const auto hiss = white_noise(0.15, 0.004F, 3);
  for (std::size_t i = 1; i < hiss.size(); ++i)
    samples[24000 + i] += hiss[i] - hiss[i - 1];  // high-pass: an f or th at 1.5 s
  const auto gains = gains_of(samples);
  EXPECT_GT(mean(gains, 0.52, 1.2), 0.97);
  EXPECT_GT(mean(gains, 1.5, 1.65), 0.99);
  EXPECT_EQ(mean(gains, 0, 0.4), 0);
  EXPECT_EQ(mean(gains, 2.0), 0);
}

TEST(VoiceActivity, OpensAtOnceAndHoldsOn) {
  Samples samples(16000 * 2, 0.0F);
  const auto tone = white_noise(0.25, 0.2F);
  std::copy(tone.begin(), tone.end(), samples.begin() + 8000);  // 0.5 s .. 0.75 s
  const auto gains = gains_of(samples);
  EXPECT_GT(gains[40], 0.99F);      // 0.5 s
  EXPECT_LT(gains[40 - 5], 0.01F);  // no sooner than the look-ahead
  EXPECT_GT(gains[69], 0.99F);      // 0.75 s + 110 ms
  EXPECT_EQ(gains[60 + 25], 0.0F);  // 0.75 s + 310 ms
}

TEST(VoiceActivity, ALongHeldVowelStaysSpeech) {
  Samples samples = white_noise(8, 0.001F);
  add_vowel(samples, 2, 6, 0.3F);
  EXPECT_GT(mean(gains_of(samples), 2.1, 5.9), 0.97);
}

TEST(VoiceActivity, DoesNotDependOnTheChunks) {
  Samples samples = pink_noise(5, 0.05F);
  add_vowel(samples, 1, 1.5, 0.2F);
  add_vowel(samples, 3, 3.2, 0.05F);
  const auto whole = gains_of(samples);
  const auto frames = mel_of(samples);
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::mt19937 random(seed);
    VoiceActivity activity;
    for (std::size_t at = 0; at < frames.size();) {
      const auto size = std::min<std::size_t>(random() % 30 * kMelBands, frames.size() - at);
      activity.push(std::span(frames).subspan(at, size));
      at += size;
      ASSERT_GE(activity.frames_ready(), static_cast<FrameIndex>(at / kMelBands) - 2);
      activity.drop_before(0);
    }
    activity.finish();
    ASSERT_EQ(gains_of(activity), whole);
  }
}

TEST(VoiceActivity, StartsAgainAfterReset) {
  const auto frames = mel_of(white_noise(2, 0.1F));
  VoiceActivity activity;
  activity.push(mel_of(pink_noise(3, 0.3F)));
  activity.finish();
  activity.reset();
  activity.push(frames);
  activity.finish();
  EXPECT_EQ(gains_of(activity), gains_of(white_noise(2, 0.1F)));
}

TEST(VoiceActivity, HearsTheRecordings) {
  const auto names = {"lj-1.flac", "lj-9.flac", "de.flac",    "fr.flac",
                      "ja.flac",   "ru.flac",   "zh-22s.flac"};
  for (const std::string name : names) {
    const auto samples = recording(name);
    if (samples.empty()) GTEST_SKIP() << name << " or ffmpeg is absent";
    const auto gains = gains_of(samples);
    // Frames within 25 dB of the loudest are speech in these clean recordings.
    std::vector<double> energy(gains.size());
    for (std::size_t frame = 0; frame < gains.size(); ++frame) {
      for (std::size_t i = frame * 200; i < std::min(samples.size(), frame * 200 + 200); ++i)
        energy[frame] += samples[i] * samples[i];
    }
    const double loud = *std::max_element(energy.begin(), energy.end()) * std::pow(10, -2.5);
    int speech = 0;
    int eaten = 0;
    for (std::size_t frame = 0; frame < gains.size(); ++frame) {
      speech += energy[frame] > loud;
      eaten += energy[frame] > loud && gains[frame] < 0.9F;
    }
    EXPECT_EQ(eaten, 0) << name << ", of " << speech;
  }
}

/// They are not steady: what stands out of the background counts as speech, in doubt.
TEST(VoiceActivity, IgnoresMostOfTheRecordedNoises) {
  for (const std::string name : {"noise-1.flac", "noise-2.flac"}) {
    const auto samples = recording(name);
    if (samples.empty()) GTEST_SKIP() << name << " or ffmpeg is absent";
    EXPECT_LT(mean(gains_of(samples), 1.0), 0.35) << name;
  }
}

}  // namespace
}  // namespace visema
