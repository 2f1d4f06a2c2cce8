#include "visema/landmarks/encoded_speech.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "face_fixture.h"

namespace visema {
namespace {

/// A voice that glides and pulses, with a whistle.
std::vector<float> voice(SampleIndex samples) {
  std::vector<float> sound;
  for (SampleIndex i = 0; i < samples; ++i) {
    const double t = static_cast<double>(i) / 16000;
    sound.push_back(static_cast<float>(
        0.3 * std::sin(2 * M_PI * (140 * t + 20 * t * t)) * (1 + std::sin(2 * M_PI * 4 * t)) +
        0.1 * std::sin(2 * M_PI * 2300 * t) * (1 + std::sin(2 * M_PI * 7 * t))));
  }
  return sound;
}

class EncodedSpeechTest : public testing::Test {
 protected:
  void SetUp() override {
    VISEMA_NEED_MODELS(models);
    const auto path = models / "speech_encoder.safetensors";
    VISEMA_NEED_FILE(path);
    encoder_ = std::make_shared<SpeechEncoder>(path);
  }

  /// Rows of a sound that comes in pieces of random sizes below `most`.
  std::vector<float> rows(const std::vector<float>& sound, std::size_t most) const {
    EncodedSpeech speech(encoder_);
    std::mt19937 random(3);
    std::vector<float> all;
    const auto take = [&] {
      const std::vector<float> more = speech.take();
      all.insert(all.end(), more.begin(), more.end());
    };
    for (std::size_t at = 0; at < sound.size();) {
      const std::size_t size = std::min(sound.size() - at, 1 + random() % most);
      speech.push(std::span(sound).subspan(at, size));
      at += size;
      take();
    }
    speech.finish();
    take();
    return all;
  }

  std::shared_ptr<const SpeechEncoder> encoder_;
};

TEST_F(EncodedSpeechTest, HasARowForEveryMelFrameHoweverTheSoundWasCut) {
  for (const SampleIndex samples : {1, 199, 200, 16000, 75123}) {
    const std::vector<float> sound = voice(samples);
    const std::vector<float> whole = rows(sound, sound.size());
    ASSERT_EQ(static_cast<SampleIndex>(whole.size()), (samples / 200 + 1) * kEncodedWidth);
    EXPECT_EQ(rows(sound, 5000), whole) << samples;
  }
  EXPECT_TRUE(rows({}, 1).empty());
}

TEST_F(EncodedSpeechTest, LiesBetweenTheEncodersOwnRows) {
  const std::vector<float> sound = voice(16000);  // within the first block
  std::vector<float> padded(static_cast<std::size_t>(samples_of_rows(16000 / kEncodedHop + 2)));
  std::copy(sound.begin(), sound.end(), padded.begin() + kEncodedReach);
  const std::vector<float> own = encoder_->encode(padded);
  EncodedSpeech speech(encoder_);
  speech.push(sound);
  speech.finish();
  EXPECT_EQ(speech.take_encoder_rows(), own);
  const std::vector<float> between = rows(sound, 4000);
  for (int i = 0; i < kEncodedWidth; ++i) {
    EXPECT_EQ(between[i], own[i]);
    const float at_half = (own[12 * kEncodedWidth + i] + own[13 * kEncodedWidth + i]) / 2;
    EXPECT_NEAR(between[24 * kEncodedWidth + i], at_half, 1e-4) << "sample 4800 is row 12.5";
  }
}

TEST_F(EncodedSpeechTest, HearsALittleOfWhatComesAndForgetsWhatIsLongAgo) {
  std::vector<float> sound = voice(160000);
  const std::vector<float> before = rows(sound, 16000);
  std::fill(sound.begin(), sound.begin() + 16000, 0.0F);
  std::fill(sound.end() - 16000, sound.end(), 0.0F);
  const std::vector<float> after = rows(sound, 16000);
  const auto row = [](const std::vector<float>& all, int k) {
    return std::vector<float>(all.begin() + k * kEncodedWidth,
                              all.begin() + (k + 1) * kEncodedWidth);
  };
  EXPECT_NE(row(after, 85), row(before, 85));
  EXPECT_EQ(row(after, 400), row(before, 400)) << "four seconds away";
  EXPECT_NE(row(after, 715), row(before, 715));
}

TEST_F(EncodedSpeechTest, TakesWhatIsNoNumberForSilence) {
  std::vector<float> sound = voice(8000), silent = sound;
  sound[4000] = std::numeric_limits<float>::quiet_NaN();
  silent[4000] = 0;
  EXPECT_EQ(rows(sound, 8000), rows(silent, 8000));
}

}  // namespace
}  // namespace visema
