#include "visema/media/probe.h"

#include <gtest/gtest.h>

#include "media_files.h"

namespace visema {
namespace {

using namespace test;

TEST(Probe, TellsStreams) {
  const TempFolder folder;
  VideoWriterOptions options;
  options.width = 96;
  options.height = 64;
  options.audio_rate_hz = 44100;
  options.audio_channels = 2;
  write_clip(folder / "a.mp4", options, 50, 88200);
  for (const ProbeDepth depth : {ProbeDepth::kHeader, ProbeDepth::kDecoded}) {
    const MediaInfo info = probe(folder / "a.mp4", depth);
    ASSERT_EQ(info.streams.size(), 2u);
    EXPECT_NE(info.format.find("mp4"), std::string::npos);
    EXPECT_NEAR(info.duration_s, 2, 0.05);
    const StreamInfo& video = *info.first(StreamKind::kVideo);
    EXPECT_EQ(video.codec, "h264");
    EXPECT_EQ(video.width, 96);
    EXPECT_EQ(video.height, 64);
    EXPECT_EQ(video.frames, 50);
    EXPECT_EQ(video.fps, (Rational{25, 1}));
    EXPECT_EQ(video.start_time_s, 0);
    EXPECT_NEAR(video.duration_s, 2, 1e-6);
    const StreamInfo& audio = *info.first(StreamKind::kAudio);
    EXPECT_EQ(audio.codec, "aac");
    EXPECT_EQ(audio.rate_hz, 44100);
    EXPECT_EQ(audio.channels, 2);
    EXPECT_EQ(audio.start_time_s, 0);
    EXPECT_NEAR(audio.duration_s, 2, 1024.0 / 44100);
    EXPECT_EQ(info.first(StreamKind::kOther), nullptr);
  }
}

TEST(Probe, RefusesWhatIsNoMedia) {
  const TempFolder folder;
  write_text(folder / "a.mp4", "no film");
  EXPECT_EQ(error_of([&] { probe(folder / "a.mp4"); }), ErrorCode::kInput);
  EXPECT_EQ(error_of([&] { probe(folder / "none"); }), ErrorCode::kInput);
}

TEST(Probe, TellsVersions) {
  const auto versions = libav_versions();
  ASSERT_EQ(versions.size(), 5u);
  EXPECT_EQ(versions[0].rfind("libavformat ", 0), 0u);
}

}  // namespace
}  // namespace visema
