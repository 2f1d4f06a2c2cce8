#include "visema/landmarks/speech_to_landmarks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "commands.h"
#include "speech_pack.h"
#include "visema/core/error.h"
#include "visema/models/speech_encoder.h"

namespace visema {
namespace {

constexpr SampleIndex kSamples = 40123;  // 2.5 s
constexpr FrameIndex kMelFrames = kSamples / kSpeechMelHop + 1;

/// A network with weights of two training steps on made-up clips: what it says means nothing, but
/// everything about when and how it is said can be seen.
class SpeechToLandmarksTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const test::ScratchFolder folder;
    test::write_speech_pack(folder / "pack");
    const auto trained = [&](const std::string& look_ahead) {
      const std::string weights = (folder.path() / (look_ahead + ".safetensors")).string();
      EXPECT_EQ(
          training::train_speech({"--pack", (folder / "pack").string(), "--out", weights, "--steps",
                                  "2", "--batch", "2", "--threads", "1", "--device", "cpu", "--lr",
                                  "0.01", "--look-ahead", look_ahead}),
          0);
      return std::make_shared<SpeechNetwork>(weights, resolve({"cpu", "fp32", 1}));
    };
    network_ = trained("short");
    far_network_ = trained("long");
  }
  static void TearDownTestSuite() {
    network_.reset();
    far_network_.reset();
  }

  void SetUp() override {
    std::mt19937 random(5);
    mel_.resize(kMelFrames * kSpeechBands);
    for (float& value : mel_) value = static_cast<float>(random() % 8000) / 1000 - 4;
    gain_.assign(kMelFrames, 1.0F);
  }

  SpeechToLandmarks stage(Rational fps, std::span<const FaceMesh> faces = {}) const {
    return {network_, fps, FaceMesh{}, faces};
  }

  SpeechFeatures features(FrameIndex mel_begin, FrameIndex mel_end, FrameIndex gain_begin,
                          FrameIndex gain_end) const {
    SpeechFeatures features;
    features.first_mel = mel_begin;
    features.mel = {mel_.begin() + mel_begin * kSpeechBands, mel_.begin() + mel_end * kSpeechBands};
    features.first_gain = gain_begin;
    features.gain = {gain_.begin() + gain_begin, gain_.begin() + gain_end};
    return features;
  }

  std::vector<FaceMotion> run_whole(SpeechToLandmarks& stage) const {
    std::vector<FaceMotion> motions;
    const auto emit = [&](FaceMotion motion) { motions.push_back(std::move(motion)); };
    stage.process(features(0, kMelFrames, 0, kMelFrames), emit);
    stage.finish(kSamples, emit);
    return motions;
  }

  static float size_of(const FaceMesh& offset, int first, int last) {
    float most = 0;
    for (int i = first; i <= last; ++i)
      most = std::max({most, std::abs(offset[i].x), std::abs(offset[i].y), std::abs(offset[i].z)});
    return most;
  }

  static std::shared_ptr<SpeechNetwork> network_, far_network_;
  std::vector<float> mel_, gain_;
};
std::shared_ptr<SpeechNetwork> SpeechToLandmarksTest::network_;
std::shared_ptr<SpeechNetwork> SpeechToLandmarksTest::far_network_;

bool same(const FaceMotion& a, const FaceMotion& b) {
  return a.index == b.index && std::memcmp(&a.offset, &b.offset, sizeof a.offset) == 0;
}

TEST_F(SpeechToLandmarksTest, EmitsExactlyTheFramesThatCoverTheSound) {
  for (const Rational fps : {Rational{25, 1}, Rational{30000, 1001}, Rational{60, 1}}) {
    SpeechToLandmarks speech = stage(fps);
    const std::vector<FaceMotion> motions = run_whole(speech);
    ASSERT_EQ(static_cast<FrameIndex>(motions.size()), frames_covering(kSamples, 16000, fps));
    for (std::size_t i = 0; i < motions.size(); ++i)
      EXPECT_EQ(motions[i].index, static_cast<FrameIndex>(i));
  }
}

TEST_F(SpeechToLandmarksTest, DoesNotDependOnHowTheFeaturesWereCut) {
  std::mt19937 random(11);
  for (FrameIndex k = 0; k < kMelFrames; ++k) gain_[k] = k % 70 < 30 ? 0.0F : 0.7F;
  SpeechToLandmarks speech = stage({30, 1});
  const std::vector<FaceMotion> whole = run_whole(speech);
  for (int round = 0; round < 3; ++round) {
    speech.reset();
    std::vector<FaceMotion> motions;
    const auto emit = [&](FaceMotion motion) { motions.push_back(std::move(motion)); };
    FrameIndex mel = 0;
    FrameIndex gain = 0;
    while (mel < kMelFrames || gain < kMelFrames) {
      const FrameIndex mel_end = std::min<FrameIndex>(kMelFrames, mel + random() % 23);
      const FrameIndex gain_end = std::min<FrameIndex>(mel_end, gain + random() % 29);
      speech.process(features(mel, mel_end, gain, gain_end), emit);
      mel = mel_end;
      gain = gain_end;
    }
    speech.finish(kSamples, emit);
    ASSERT_EQ(motions.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_TRUE(same(motions[i], whole[i])) << i;
  }
}

TEST_F(SpeechToLandmarksTest, AStyleScalesTheMouthAndHoldsItWhileItSpeaks) {
  for (FrameIndex k = 0; k < kMelFrames; ++k) gain_[k] = k < 80 ? 0.0F : 1.0F;
  const BasisPart& basis = network_->basis().lower;
  SpeakingStyle style;
  style.articulation = 1.5F;
  style.posture.assign(static_cast<std::size_t>(basis.count), 0.0F);
  style.posture[0] = 0.1F;
  FaceMesh held{};
  add_offset(basis, style.posture, 1, held);
  SpeechToLandmarks plain = stage({25, 1});
  SpeechToLandmarks styled(network_, {25, 1}, FaceMesh{}, {}, 1, style);
  const auto usual = run_whole(plain), own = run_whole(styled);
  ASSERT_EQ(usual.size(), own.size());
  // The middle of the lips and the made-up lower face; no brows.
  for (const int i : {13, 14, 201, 230}) {
    EXPECT_EQ(own.front().offset[i].y, 0) << "silence";
    EXPECT_NEAR(own[40].offset[i].y, 1.5F * usual[40].offset[i].y + held[i].y, 1e-5) << i;
  }
  style.posture.pop_back();
  EXPECT_THROW(SpeechToLandmarks(network_, {25, 1}, FaceMesh{}, {}, 1, style), Error);
}

TEST_F(SpeechToLandmarksTest, NeedsNoSoundBeyondTheLookahead) {
  SpeechToLandmarks speech = stage({25, 1});
  std::vector<FaceMotion> motions;
  const auto emit = [&](FaceMotion motion) { motions.push_back(std::move(motion)); };
  // LogMel knows frame k once it has 200 k + 400 samples, VoiceActivity two frames later.
  for (FrameIndex k = 0; k < kMelFrames; ++k) {
    speech.process(
        features(k, k + 1, std::max<FrameIndex>(0, k - 2), std::max<FrameIndex>(0, k - 1)), emit);
    const SampleIndex heard = k * kSpeechMelHop + 400;
    const SampleIndex next = frame_start(static_cast<FrameIndex>(motions.size()), 16000, {25, 1});
    EXPECT_GT(next + 2560, heard - kSpeechMelHop) << "frame " << motions.size() << " came late";
  }
}

TEST_F(SpeechToLandmarksTest, RestsInSilenceAndNeverJumps) {
  const auto speech_at = [](FrameIndex k) { return k >= 80 && k < 120; };
  for (FrameIndex k = 0; k < kMelFrames; ++k) gain_[k] = speech_at(k) ? 1.0F : 0.0F;
  std::fill(mel_.begin(), mel_.end(), 1.0F);  // steady sound: only the easing changes anything
  SpeechToLandmarks speech = stage({50, 1});
  const std::vector<FaceMotion> motions = run_whole(speech);
  // Points of the lower face in the made-up basis: 200 and on, and the middle of the lips.
  const auto lower = [&](const FaceMotion& motion) {
    return std::max(size_of(motion.offset, 201, 231), size_of(motion.offset, 13, 14));
  };
  const float full = lower(motions[60]);
  ASSERT_GT(full, 0);
  for (std::size_t i = 0; i < motions.size(); ++i) {
    const double t = static_cast<double>(i) / 50;
    if (t < 0.88 || t > 1.56) {
      EXPECT_EQ(lower(motions[i]), 0) << t;
    }
    if (i > 0 && t > 0.9 && t < 1.9) {
      EXPECT_LT(std::abs(lower(motions[i]) - lower(motions[i - 1])), 0.7 * full) << t;
    }
  }
}

TEST_F(SpeechToLandmarksTest, SpeakersReferencesCount) {
  FaceMesh open{};
  open[13].y = -0.1F;
  open[14].y = 0.1F;
  const std::vector<FaceMesh> faces = {FaceMesh{}, open, open};
  SpeechToLandmarks without = stage({25, 1});
  SpeechToLandmarks with = stage({25, 1}, faces);
  EXPECT_FALSE(same(run_whole(without)[20], run_whole(with)[20]));
}

TEST_F(SpeechToLandmarksTest, ArticulationScalesLipsAndJaw) {
  const auto run = [&](float articulation) {
    SpeechToLandmarks speech(network_, {25, 1}, FaceMesh{}, {}, articulation);
    return run_whole(speech)[20].offset;
  };
  const FaceMesh none = run(0), natural = run(1), strong = run(2);
  for (int i = 0; i < kMeshPoints; ++i) {  // brows and cheeks stay
    EXPECT_NEAR(strong[i].y - none[i].y, 2 * (natural[i].y - none[i].y), 1e-5F) << i;
  }
  EXPECT_NE(natural[14].y, none[14].y);
  for (const float wrong : {-0.1F, 2.1F, std::numeric_limits<float>::quiet_NaN()})
    EXPECT_THROW(run(wrong), Error) << wrong;
}

TEST_F(SpeechToLandmarksTest, WaitsForTheFeaturesOfTheLongLookAhead) {
  std::vector<float> encoded(static_cast<std::size_t>(kMelFrames * kEncodedWidth));
  for (std::size_t i = 0; i < encoded.size(); ++i)
    encoded[i] = static_cast<float>((i * 2654435761U) % 773) / 50 - 8;
  const auto run = [&](FrameIndex piece) {
    SpeechToLandmarks speech(far_network_, {25, 1}, FaceMesh{}, {});
    std::vector<FaceMotion> motions;
    const auto emit = [&](FaceMotion motion) { motions.push_back(std::move(motion)); };
    speech.process(features(0, kMelFrames, 0, kMelFrames), emit);
    EXPECT_TRUE(motions.empty()) << "nothing is encoded yet";
    for (FrameIndex k = 0; k < kMelFrames; k += piece) {
      SpeechFeatures more;
      more.first_encoded = k;
      more.encoded = {
          encoded.begin() + k * kEncodedWidth,
          encoded.begin() + std::min<FrameIndex>(k + piece, kMelFrames) * kEncodedWidth};
      speech.process(more, emit);
      for (const FaceMotion& motion : motions)
        EXPECT_LT(last_mel_frame(frame_start(motion.index, 16000, {25, 1})), k + piece);
    }
    speech.finish(kSamples, emit);
    return motions;
  };
  const std::vector<FaceMotion> whole = run(kMelFrames), cut = run(7);
  ASSERT_EQ(static_cast<FrameIndex>(whole.size()), frames_covering(kSamples, 16000, {25, 1}));
  ASSERT_EQ(cut.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_TRUE(same(cut[i], whole[i])) << i;
  std::fill(encoded.begin(), encoded.end(), 0.0F);
  EXPECT_FALSE(same(run(kMelFrames)[20], whole[20])) << "they are heard";
}

TEST_F(SpeechToLandmarksTest, RefusesAGapInTheFeatures) {
  SpeechToLandmarks speech = stage({25, 1});
  const auto emit = [](const FaceMotion&) {};
  speech.process(features(0, 5, 0, 3), emit);
  EXPECT_THROW(speech.process(features(6, 7, 3, 4), emit), Error);
  EXPECT_THROW(speech.process(features(5, 6, 2, 3), emit), Error);
}

}  // namespace
}  // namespace visema
