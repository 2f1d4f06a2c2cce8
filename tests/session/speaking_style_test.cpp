#include "speaking_style.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "avatar_builder.h"
#include "model_files.h"
#include "session_fixture.h"
#include "speech_stage.h"
#include "visema/core/sha256.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::filesystem::path kClip = kData / "clips/grid-many/0016.mp4";

class SpeakingStyleOfVideoTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    if (IsSkipped()) return;
    if (!has(kClip)) GTEST_SKIP() << "shared clips are not here";
  }

  Avatar enrolled(const std::filesystem::path& source, bool style = true) const {
    EnrollOptions options;
    options.source = source;
    options.style = style;
    options.occlusion = false;
    options.models = built_models();
    return build_avatar(options, {options.models}, {}, {}, {});
  }

  /// Mean distance of the lips that speak the clip's own sound from the real ones.
  double lip_distance(const Avatar& avatar, const std::filesystem::path& audio) const {
    SpeechStageOptions options;
    options.fps = avatar.fps;
    options.head = options.blink = options.gaze = false;
    SpeechStage stage(speech_, avatar, canonical_, options, kSpeechRateHz, 1);
    double sum = 0;
    int count = 0;
    const Emit<SpokenFrame> compare = [&](SpokenFrame spoken) {
      if (!spoken.motion) return;
      const auto index = static_cast<std::size_t>(spoken.motion->index);
      if (index >= avatar.frames.size() || !avatar.frames[index].face) return;
      const TrackedFace& face = *avatar.frames[index].face;
      const FaceMesh real = stabilise(face.mesh, face.pose);
      for (const std::uint16_t i : kLips)
        sum += std::hypot(avatar.rest[i].x + spoken.speech[i].x - real[i].x,
                          avatar.rest[i].y + spoken.speech[i].y - real[i].y) /
               kLips.size();
      ++count;
    };
    AudioReader reader(audio, {kSpeechRateHz, 1});
    while (auto block = reader.read()) stage.process(std::move(*block), compare);
    stage.finish(compare);
    EXPECT_GT(count, 40);
    return sum / std::max(count, 1);
  }

  std::filesystem::path video_of(const std::vector<VideoFrame>& frames,
                                 const std::filesystem::path& audio) const {
    const auto path = folder_ / "made.mp4";
    VideoWriterOptions options;
    options.width = frames.front().image.width;
    options.height = frames.front().image.height;
    options.fps = {25, 1};
    options.crf = 12;
    options.preset = "ultrafast";
    if (!audio.empty()) {
      options.audio_rate_hz = 16000;
      options.audio_channels = 1;
    }
    VideoWriter writer(path, options);
    for (const VideoFrame& frame : frames) writer.write_video(frame.image);
    if (!audio.empty()) {
      AudioReader reader(audio, {16000, 1});
      while (const auto block = reader.read()) writer.write_audio(*block);
    }
    writer.finish();
    return path;
  }

  const SpeechModels speech_ = SpeechModels::load(built_models(), resolve({"cpu", "fp32", 1}));
  const CanonicalFace canonical_ =
      CanonicalFace::load(built_models().models / "canonical_face.safetensors");
};

TEST_F(SpeakingStyleOfVideoTest, AMouthSpeaksNearerToItsPersons) {
  Avatar avatar = enrolled(kClip);
  ASSERT_EQ(avatar.styles.size(), 1U);
  const double with = lip_distance(avatar, kClip);

  const auto file = folder_ / "styled.avatar";
  save_avatar(avatar, file);
  const Avatar loaded = load_avatar(file);
  ASSERT_EQ(loaded.styles.size(), 1U);
  EXPECT_EQ(loaded.styles[0].articulation, avatar.styles[0].articulation);
  EXPECT_EQ(loaded.styles[0].posture, avatar.styles[0].posture);
  EXPECT_EQ(loaded.styles[0].network, avatar.styles[0].network);

  avatar.styles.clear();
  EXPECT_LT(with, 0.9 * lip_distance(avatar, kClip));
  EXPECT_THAT(enrolled(kClip, false).styles, IsEmpty());
}

TEST_F(SpeakingStyleOfVideoTest, AnEnrolledFaceHasOneForEachLookAhead) {
  EnrollOptions options;
  options.source = kClip;
  options.out = folder_ / "both.avatar";
  options.occlusion = false;
  options.models = built_models();
  enroll(options);
  for (const ModelPaths& models : with_each_look_ahead(built_models())) {
    Avatar avatar = load_avatar(options.out);
    EXPECT_EQ(avatar.styles.size(), 2U);
    keep_style_of_network(avatar, models, "both.avatar", {});
    ASSERT_EQ(avatar.styles.size(), 1U);
    EXPECT_EQ(avatar.styles[0].network, sha256_hex_of_file(speech_weights(models)));
  }
}

TEST_F(SpeakingStyleOfVideoTest, FacesThatAreNotHeardHaveNone) {
  std::vector<VideoFrame> frames = all_frames(kClip);
  frames.resize(40);
  EXPECT_THAT(enrolled(video_of(frames, {})).styles, IsEmpty()) << "no sound";
  for (VideoFrame& frame : frames) frame.image = frames.front().image;
  EXPECT_THAT(enrolled(video_of(frames, kClip)).styles, IsEmpty()) << "somebody else speaks";
}

TEST_F(SpeakingStyleOfVideoTest, ItIsLeftOutBesideOtherSpeechWeights) {
  Avatar avatar;
  avatar.styles = {SpeakingStyle{1.2F, std::vector<float>(32), "of other weights"}};
  std::string said;
  keep_style_of_network(avatar, built_models(), "anna.avatar",
                        [&](LogLevel level, std::string_view text) {
                          EXPECT_EQ(level, LogLevel::kWarning);
                          said = text;
                        });
  EXPECT_THAT(avatar.styles, IsEmpty());
  EXPECT_THAT(said, HasSubstr("anna.avatar"));
  EXPECT_THAT(said, HasSubstr("enroll the source again"));
}

}  // namespace
}  // namespace visema::session
