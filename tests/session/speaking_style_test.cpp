#include "speaking_style.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

#include "avatar_builder.h"
#include "session_fixture.h"
#include "speech_stage.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

using testing::HasSubstr;

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
    return build_avatar(options, {}, {}, {});
  }

  /// Mean distance of the lips that speak the clip's own sound from the real ones.
  double lip_distance(const Avatar& avatar, const std::filesystem::path& audio) const {
    SpeechStageOptions options;
    options.fps = avatar.fps;
    options.head = options.blink = options.gaze = false;
    SpeechStage stage(network_, avatar, canonical_, options, kSpeechRateHz, 1);
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

  const std::shared_ptr<const SpeechNetwork> network_ = std::make_shared<SpeechNetwork>(
      built_models().weights / "speech.safetensors", resolve({"cpu", "fp32", 1}));
  const CanonicalFace canonical_ =
      CanonicalFace::load(built_models().models / "canonical_face.safetensors");
};

TEST_F(SpeakingStyleOfVideoTest, AMouthSpeaksNearerToItsPersons) {
  Avatar avatar = enrolled(kClip);
  ASSERT_TRUE(avatar.style);
  const double with = lip_distance(avatar, kClip);

  const auto file = folder_ / "styled.avatar";
  save_avatar(avatar, file);
  const Avatar loaded = load_avatar(file);
  ASSERT_TRUE(loaded.style);
  EXPECT_EQ(loaded.style->articulation, avatar.style->articulation);
  EXPECT_EQ(loaded.style->posture, avatar.style->posture);
  EXPECT_EQ(loaded.style->network, avatar.style->network);

  avatar.style.reset();
  EXPECT_LT(with, 0.9 * lip_distance(avatar, kClip));
  EXPECT_FALSE(enrolled(kClip, false).style);
}

TEST_F(SpeakingStyleOfVideoTest, FacesThatAreNotHeardHaveNone) {
  std::vector<VideoFrame> frames = all_frames(kClip);
  frames.resize(40);
  EXPECT_FALSE(enrolled(video_of(frames, {})).style) << "no sound";
  for (VideoFrame& frame : frames) frame.image = frames.front().image;
  EXPECT_FALSE(enrolled(video_of(frames, kClip)).style) << "somebody else speaks";
}

TEST_F(SpeakingStyleOfVideoTest, ItIsLeftOutBesideOtherSpeechWeights) {
  Avatar avatar;
  avatar.style = SpeakingStyle{1.2F, std::vector<float>(32), "of other weights"};
  std::string said;
  drop_style_of_other_network(avatar, built_models(), "anna.avatar",
                              [&](LogLevel level, std::string_view text) {
                                EXPECT_EQ(level, LogLevel::kWarning);
                                said = text;
                              });
  EXPECT_FALSE(avatar.style);
  EXPECT_THAT(said, HasSubstr("anna.avatar"));
  EXPECT_THAT(said, HasSubstr("enroll the source again"));
}

}  // namespace
}  // namespace visema::session
