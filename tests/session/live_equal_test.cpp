#include <gmock/gmock.h>

#include <memory>
#include <thread>

#include "live_fixture.h"
#include "live_session.h"
#include "visema/audio/file_sound.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_writer.h"

namespace visema::session {
namespace {

/// The frames of a run without pace, written without loss.
LiveReport write_frames(Presenter& presenter, const std::filesystem::path& sound,
                        const std::filesystem::path& out) {
  FileSound input(sound);
  LiveSessionOptions is;
  is.rate_hz = input.rate_hz();
  is.channels = input.channels();
  is.pace = LivePace::kOff;
  VideoWriterOptions video;
  video.fps = presenter.fps();
  video.crf = 0;
  video.preset = "ultrafast";
  video.audio_rate_hz = is.rate_hz;
  video.audio_channels = is.channels;
  video.width = presenter.avatar().width;
  video.height = presenter.avatar().height;
  VideoWriter writer(out, video);
  LiveSession session(presenter, &input, is, [&](const LiveFrame& frame) {
    writer.write_audio(*frame.sound);
    writer.write_video(*frame.picture);
  });
  session.run({});
  writer.finish();
  return session.report();
}

class LiveEqualTest : public LiveSessionTest {
 protected:
  /// What a run without pace shows of `face`, and what render() does.
  void live_frames_of(const PresenterNetworks& networks, const PresenterOptions& face,
                      const std::filesystem::path& sound, const std::string& name) const {
    const AudioReader reader(sound);
    Presenter presenter(networks, face, reader.info().rate_hz, reader.info().channels, Lanes::kOne,
                        {}, {}, {});
    const LiveReport live = write_frames(presenter, sound, folder_ / (name + "-live.mkv"));
    EXPECT_EQ(live.repeated + live.late + live.dropped, 0);
  }
  void expect_those_of_render(const PresenterOptions& face, const std::filesystem::path& sound,
                              const std::string& name) const {
    RenderOptions batch;
    static_cast<PresenterOptions&>(batch) = face;
    batch.audio = sound;
    batch.out = folder_ / (name + "-batch.mkv");
    batch.crf = 0;
    batch.preset = "ultrafast";
    render(batch);
    const auto a = all_frames(batch.out);
    const auto b = all_frames(folder_ / (name + "-live.mkv"));
    ASSERT_EQ(a.size(), b.size());
    ASSERT_GT(a.size(), 0U);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].image.rgb, b[i].image.rgb) << i;
  }
  PresenterOptions face_of(const std::filesystem::path& source) const {
    PresenterOptions face;
    face.source = source;
    face.models = built_models();
    return face;
  }
};

TEST_F(LiveEqualTest, WithoutPaceTheFramesAreThoseOfRender) {
  const PresenterNetworks networks(built_models(), {});
  const PresenterOptions face = face_of(kPortrait);
  const auto sound = speech(1.5);
  live_frames_of(networks, face, sound, "a");
  expect_those_of_render(face, sound, "a");
}

struct Behind {
  const char* name;
  const char* source;
  const char* background;
};

void PrintTo(const Behind& behind, std::ostream* out) {
  *out << behind.name;
}

class LiveEqualBackgroundTest : public LiveEqualTest, public testing::WithParamInterface<Behind> {};

TEST_P(LiveEqualBackgroundTest, WithoutPaceTheFramesAreThoseOfRender) {
  const PresenterNetworks networks(built_models(), {});
  PresenterOptions face = face_of(kData / GetParam().source);
  if (!has(face.source)) GTEST_SKIP() << "shared clips are not here";
  face.background = GetParam().background;
  const auto sound = speech(0.6);
  live_frames_of(networks, face, sound, "a");
  expect_those_of_render(face, sound, "a");
}

INSTANTIATE_TEST_SUITE_P(
    Of, LiveEqualBackgroundTest,
    testing::Values(Behind{"PictureOnColour", "portraits/photo-front-1.jpg", "#00ff00"},
                    Behind{"PictureBlurred", "portraits/photo-front-1.jpg", "blur"},
                    Behind{"VideoOnColour", "clips/grid-many/0005.mp4", "#00ff00"},
                    Behind{"VideoBlurred", "clips/grid-many/0005.mp4", "blur"},
                    Behind{"HandBeforeTheMouth", "clips/celebv-silent/0016.mp4", "keep"}),
    [](const auto& info) { return info.param.name; });

TEST_F(LiveEqualTest, SessionsThatShareNetworksRenderAsAlone) {
  const std::filesystem::path faces[] = {kPortrait, kData / "portraits/photo-front-2.jpg"};
  const std::filesystem::path sounds[] = {speech(1.2), kData / "speech/en-two-speakers.flac"};
  const PresenterNetworks networks(built_models(), {});
  {
    std::vector<std::jthread> sessions;
    for (int i = 0; i < 2; ++i)
      sessions.emplace_back(
          [&, i] { live_frames_of(networks, face_of(faces[i]), sounds[i], std::to_string(i)); });
  }
  for (int i = 0; i < 2; ++i)
    expect_those_of_render(face_of(faces[i]), sounds[i], std::to_string(i));
}

}  // namespace
}  // namespace visema::session
