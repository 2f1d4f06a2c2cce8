#include "visema/media/live_output.h"

#include <gtest/gtest.h>

#include "live_frames.h"
#include "visema/media/probe.h"

namespace visema {
namespace {

using namespace test;

TEST(LiveOutput, RefusesTargetsThatItDoesNotKnow) {
  for (const char* target : {"", "anna.mkv", "http://localhost/x", "rtmp://", "srt://localhost",
                             "udp://localhost", "rtp://localhost:", "udp://localhost:x", "hls:",
                             "hls:a%d", "file:a.mp4", "file:", "v4l2:", "raw:x", "preview:x"}) {
    std::string message;
    EXPECT_EQ(error_of([&] { LiveOutput(target, live_options()); }, &message), ErrorCode::kUsage)
        << target;
    EXPECT_NE(message.find('"' + std::string(target) + '"'), std::string::npos) << message;
  }
  std::string message;
  error_of([&] { LiveOutput("http://localhost/x", live_options()); }, &message);
  for (const char* form : {"rtmp://HOST", "srt://", "udp://", "rtp://",
                           "hls:", "file:", "v4l2:", "raw:-", "preview:"}) {
    EXPECT_NE(message.find(form), std::string::npos) << message;
    EXPECT_NE(live_targets().find(form), std::string::npos);
  }
}

TEST(LiveOutput, RefusesBadOptions) {
  const auto refused = [](const std::function<void(LiveOutputOptions&)>& change) {
    LiveOutputOptions options = live_options();
    change(options);
    return error_of([&] { LiveOutput("udp://127.0.0.1:9", options); }) == ErrorCode::kUsage;
  };
  EXPECT_TRUE(refused([](auto& options) { options.width = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.preset = "quick"; }));
  EXPECT_TRUE(refused([](auto& options) { options.bitrate = 7; }));
  EXPECT_TRUE(refused([](auto& options) { options.audio_channels = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.keyframe_seconds = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.hls_segment_seconds = -1; }));
  EXPECT_TRUE(refused([](auto& options) { options.queue_frames = 0; }));
  const TempFolder folder;
  EXPECT_EQ(
      error_of([&] { LiveOutput("file:" + (folder / "none/a.mkv").string(), live_options()); }),
      ErrorCode::kOutput);
}

struct Recorded {
  const char* name;
  int rate_hz;
  Rational fps;
};

class LiveRecordings : public testing::TestWithParam<Recorded> {};

TEST_P(LiveRecordings, KeepEveryFrameAndSample) {
  const Recorded& c = GetParam();
  const TempFolder folder;
  const auto path = folder / c.name;
  LiveOutputOptions options = live_options(c.rate_hz);
  options.fps = c.fps;
  const int frames = 60;
  LiveOutput output("file:" + path.string(), options);
  for (int i = 0; i < frames; ++i) output.push(live_frame(i, options));
  output.finish(60s);

  const LiveOutputStatistics statistics = output.statistics();
  EXPECT_EQ(statistics.state, LiveState::kEnded);
  EXPECT_EQ(statistics.frames_sent, frames);
  EXPECT_EQ(statistics.frames_dropped, 0);
  EXPECT_GT(statistics.bytes, 1000);
  EXPECT_EQ(statistics.last_error, "");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);

  const MediaInfo info = probe(path, ProbeDepth::kDecoded);
  const StreamInfo* video = info.first(StreamKind::kVideo);
  const StreamInfo* audio = info.first(StreamKind::kAudio);
  ASSERT_TRUE(video && audio);
  EXPECT_EQ(video->codec, "h264");
  EXPECT_EQ(audio->codec, "aac");
  EXPECT_EQ(video->frames, frames);
  EXPECT_LT(std::abs(video->start_time_s - audio->start_time_s), 0.03);
  EXPECT_NEAR(static_cast<double>(audio->frames) / audio->rate_hz, frames / c.fps.value(), 0.045);

  VideoReader reader(path);
  const auto pictures = read_all(reader);
  ASSERT_EQ(pictures.size(), static_cast<std::size_t>(frames));
  for (int i = 0; i < frames; ++i) {
    EXPECT_EQ(number_in(pictures[i].image), i % kNumbers);
    EXPECT_NEAR(pictures[i].time_s, i / c.fps.value(), 0.0011);
  }
}

INSTANTIATE_TEST_SUITE_P(All, LiveRecordings,
                         testing::Values(Recorded{"a.mkv", 16000, {25, 1}},
                                         Recorded{"a.mkv", 48000, {30000, 1001}},
                                         Recorded{"a.ts", 48000, {25, 1}},
                                         Recorded{"a.flv", 22050, {25, 1}}));

}  // namespace
}  // namespace visema
