#include "iplap_speech_stage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <vector>

#include "iplap_clock.h"
#include "visema/models/tensor_file.h"

namespace visema::session {
namespace {

const std::filesystem::path kGolden = VISEMA_SOURCE_DIR "/../shared/golden/iplap/mel.safetensors";

std::vector<float> noise(std::size_t count) {
  std::mt19937 random(7);
  std::vector<float> samples(count);
  for (float& s : samples)
    s = 0.3F * (static_cast<float>(random()) / static_cast<float>(std::mt19937::max()) - 0.5F);
  return samples;
}

struct Heard {
  std::vector<IplapHeardFrame::Speech> frames;
  SampleIndex sound = 0;           // that came out
  std::size_t frames_at_once = 0;  // emitted before finish()
};

/// Mono sound in pieces of `piece` samples through the stage.
Heard hear(const std::vector<float>& samples, int rate_hz, Rational fps, std::size_t piece) {
  IplapSpeechStage stage(fps, rate_hz, 1);
  Heard heard;
  const Emit<IplapHeardFrame> take = [&](IplapHeardFrame frame) {
    if (frame.speech) heard.frames.push_back(std::move(*frame.speech));
    for (const AudioBlock& block : frame.sound) heard.sound += block.size();
  };
  for (std::size_t i = 0; i < samples.size(); i += piece) {
    const auto end = samples.begin() + static_cast<long>(std::min(i + piece, samples.size()));
    stage.process({static_cast<SampleIndex>(i), rate_hz, 1,
                   std::vector<float>(samples.begin() + static_cast<long>(i), end)},
                  take);
  }
  heard.frames_at_once = heard.frames.size();
  stage.finish(take);
  return heard;
}

TEST(IplapSpeechStage, WindowsAreCutFromTheReferencesSpectrogram) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  const TensorFile golden = TensorFile::open(kGolden);
  const auto mel = golden.floats("mel_zero_pad", {80, 161});
  const Heard heard = hear(golden.floats("wave"), 16000, {25, 1}, 1000);
  ASSERT_EQ(heard.frames.size(), 50U);
  for (FrameIndex f = 0; f < 50; ++f)
    for (int step = -2; step <= 2; ++step) {
      const FrameIndex published = 80 * std::max<FrameIndex>(0, f + step - 2) / 25;
      const auto start = std::min<FrameIndex>(published, 161 - 16);
      const float* window = &heard.frames[f].mels[(step + 2) * kIplapMelValues];
      for (int band = 0; band < 80; ++band)
        for (int t = 0; t < 16; ++t)
          ASSERT_NEAR(window[band * 16 + t], mel[band * 161 + start + t], 1e-3)
              << "frame " << f << " step " << step << " band " << band << " time " << t;
    }
}

TEST(IplapSpeechStage, DoesNotDependOnHowTheSoundWasCut) {
  const auto samples = noise(41'000);
  for (const Rational fps : {Rational{25, 1}, {30000, 1001}, {60, 1}, {1, 1}}) {
    const Heard whole = hear(samples, 22050, fps, samples.size());
    EXPECT_EQ(static_cast<FrameIndex>(whole.frames.size()), frames_covering(41'000, 22050, fps));
    EXPECT_EQ(whole.sound, 41'000);
    for (const std::size_t piece : {17, 441, 9000}) {
      const Heard cut = hear(samples, 22050, fps, piece);
      EXPECT_EQ(cut.sound, 41'000);
      ASSERT_EQ(cut.frames.size(), whole.frames.size());
      for (std::size_t f = 0; f < whole.frames.size(); ++f) {
        ASSERT_EQ(cut.frames[f].index, static_cast<FrameIndex>(f));
        ASSERT_EQ(cut.frames[f].mels, whole.frames[f].mels) << "frame " << f;
      }
    }
  }
}

TEST(IplapSpeechStage, LooksAheadAQuarterOfASecondAndNoMore) {
  const auto samples = noise(10 * 16000);
  const Heard heard = hear(samples, 16000, {25, 1}, 160);
  EXPECT_EQ(heard.frames.size(), 250U);
  EXPECT_GE(heard.frames_at_once, 242U);
}

TEST(IplapSpeechStage, ShortSoundEndsInSilence) {
  const Heard heard = hear(noise(800), 16000, {25, 1}, 800);  // 0.05 s, five mel frames
  ASSERT_EQ(heard.frames.size(), 2U);
  const std::vector<float>& mels = heard.frames[1].mels;
  for (int band = 0; band < 80; ++band)
    for (int t = 5; t < 16; ++t) EXPECT_EQ(mels[band * 16 + t], -4);
  EXPECT_GT(*std::max_element(mels.begin(), mels.end()), -4);
  EXPECT_TRUE(hear({}, 16000, {25, 1}, 1).frames.empty());
}

TEST(IplapSpeechStage, StartsAgainAfterReset) {
  const auto samples = noise(30'000);
  IplapSpeechStage stage({25, 1}, 16000, 1);
  const auto run = [&](bool to_the_end) {
    std::vector<std::vector<float>> mels;
    const Emit<IplapHeardFrame> take = [&](IplapHeardFrame frame) {
      if (frame.speech) mels.push_back(std::move(frame.speech->mels));
    };
    stage.reset();
    stage.process({0, 16000, 1, samples}, take);
    if (to_the_end) stage.finish(take);
    return mels;
  };
  const auto first = run(true);
  run(false);
  EXPECT_EQ(run(true), first);
}

}  // namespace
}  // namespace visema::session
