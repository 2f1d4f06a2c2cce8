#include "visema/media/video_writer.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "media_files.h"
#include "visema/media/probe.h"

namespace visema {
namespace {

using namespace test;

VideoWriterOptions small(int rate_hz = 0, int channels = 0) {
  VideoWriterOptions options;
  options.width = 160;
  options.height = 96;
  options.audio_rate_hz = rate_hz;
  options.audio_channels = channels;
  return options;
}

TEST(VideoWriter, NamesItsExtensions) {
  EXPECT_EQ(video_extensions(), ".mp4, .mov, .mkv, .webm");
  std::string message;
  EXPECT_EQ(error_of([] { VideoWriter("talk.avi", small()); }, &message), ErrorCode::kUsage);
  EXPECT_NE(message.find(".mkv"), std::string::npos) << message;
}

TEST(VideoWriter, APipeIsNoPlaceForAVideo) {
  const TempFolder folder;
  const auto pipe = folder / "pipe.mp4";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { VideoWriter(pipe, small()); }), ErrorCode::kOutput);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

struct Case {
  const char* extension;
  const char* video;
  const char* audio;
  Rational fps;
  int rate_hz;
  int channels;
};

class VideoWriterContainers : public testing::TestWithParam<Case> {};

TEST_P(VideoWriterContainers, KeepsEveryFrameAndSample) {
  const Case& c = GetParam();
  const TempFolder folder;
  const auto path = folder / (std::string("clip") + c.extension);
  VideoWriterOptions options = small(c.rate_hz, c.channels);
  options.fps = c.fps;
  const int frames = 61;
  const SampleIndex samples = frame_start(frames, c.rate_hz, c.fps) - 77;
  write_clip(path, options, frames, samples);
  EXPECT_FALSE(fs::exists(folder / (std::string("clip.part") + c.extension)));

  const MediaInfo info = probe(path, ProbeDepth::kDecoded);
  const StreamInfo* video = info.first(StreamKind::kVideo);
  const StreamInfo* audio = info.first(StreamKind::kAudio);
  ASSERT_TRUE(video && audio);
  EXPECT_EQ(video->codec, c.video);
  EXPECT_EQ(audio->codec, c.audio);
  EXPECT_EQ(video->frames, frames);
  EXPECT_EQ(video->fps, c.fps);
  EXPECT_EQ(audio->channels, c.channels);
  const double audio_frame = 1024.0 / audio->rate_hz;
  EXPECT_NEAR(video->start_time_s, 0, 0.0011);
  EXPECT_LT(std::abs(video->start_time_s - audio->start_time_s), audio_frame);
  EXPECT_NEAR(static_cast<double>(audio->frames) / audio->rate_hz,
              static_cast<double>(samples) / c.rate_hz, audio_frame);

  VideoReader reader(path);
  const auto pictures = read_all(reader);
  ASSERT_EQ(pictures.size(), static_cast<std::size_t>(frames));
  for (int i = 0; i < frames; ++i) {
    EXPECT_EQ(number_in(pictures[i].image), i % kNumbers);
    EXPECT_NEAR(pictures[i].time_s, i / c.fps.value(), 0.0011);
  }
  EXPECT_FALSE(reader.damaged());
}

TEST_P(VideoWriterContainers, KeepsSoundInPlace) {
  const Case& c = GetParam();
  const TempFolder folder;
  const auto path = folder / (std::string("clip") + c.extension);
  VideoWriterOptions options = small(c.rate_hz, c.channels);
  options.fps = c.fps;
  VideoWriter writer(path, options);
  for (int i = 0; i < 30; ++i) writer.write_video(numbered_picture(160, 96, i));
  AudioBlock block{0, c.rate_hz, c.channels, {}};
  block.samples.resize(static_cast<std::size_t>(c.rate_hz) * c.channels);
  const int burst = c.rate_hz / 2;  // a click at 0.5 s, 4 ms long
  for (int i = burst; i < burst + c.rate_hz / 250; ++i)
    for (int k = 0; k < c.channels; ++k)
      block.samples[i * c.channels + k] = i % 8 < 4 ? 0.8f : -0.8f;
  writer.write_audio(block);
  writer.finish();

  AudioReader reader(path, {0, 1});
  const auto heard = read_all(reader);
  double energy = 0;
  double moment = 0;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const double power = double{heard[i]} * heard[i];
    energy += power;
    moment += power * static_cast<double>(i);
  }
  ASSERT_GT(energy, 0);
  EXPECT_NEAR(moment / energy / reader.info().rate_hz, 0.502, 0.003);
}

INSTANTIATE_TEST_SUITE_P(All, VideoWriterContainers,
                         testing::Values(Case{".mp4", "h264", "aac", {25, 1}, 16000, 1},
                                         Case{".mp4", "h264", "aac", {30000, 1001}, 44100, 2},
                                         Case{".mov", "h264", "aac", {60, 1}, 48000, 2},
                                         Case{".mkv", "h264", "aac", {24, 1}, 22050, 1},
                                         Case{".mkv", "h264", "aac", {25, 1}, 48000, 2},
                                         Case{".mp4", "h264", "aac", {25, 1}, 48000, 6},
                                         Case{".mp4", "h264", "aac", {25, 1}, 8000, 1},
                                         Case{".mp4", "h264", "aac", {50, 1}, 192000, 2},
                                         Case{".webm", "vp9", "opus", {25, 1}, 16000, 1},
                                         Case{".webm", "vp9", "opus", {30, 1}, 44100, 2}));

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

#if defined(__GLIBC__)
TEST(VideoWriter, TheSamePicturesAreTheSameBytesWhateverIsInMemory) {
  const TempFolder folder;
  const auto write = [&](const char* name, int filling) {
    mallopt(M_PERTURB, filling);  // what fresh memory holds
    VideoWriterOptions options;
    options.width = 192;
    options.height = 288;
    options.crf = 16;
    options.preset = "slow";
    VideoWriter writer(folder / name, options);
    for (int i = 0; i < 40; ++i) writer.write_video(numbered_picture(192, 288, i));
    writer.finish();
    mallopt(M_PERTURB, 0);
    return bytes_of(folder / name);
  };
  const std::string first = write("a.mp4", 1);
  ASSERT_FALSE(first.empty());
  EXPECT_TRUE(first == write("b.mp4", 170));
}
#endif

TEST(VideoWriter, TakesOneToEightChannels) {
  for (int channels = 1; channels <= 8; ++channels) {
    for (const char* name : {"a.mp4", "a.webm"}) {
      const TempFolder folder;
      write_clip(folder / name, small(48000, channels), 5, 9600);
      AudioReader reader(folder / name);
      const bool mixed = std::string(name) == "a.webm" && (channels == 3 || channels == 4);
      EXPECT_EQ(reader.info().channels, mixed ? 2 : channels) << name;
    }
  }
}

TEST(VideoWriter, PadsOddSizes) {
  for (const auto& [width, height] : {std::pair{1, 1}, {33, 17}, {99, 64}, {64, 35}}) {
    const TempFolder folder;
    VideoWriterOptions options = small();
    options.width = width;
    options.height = height;
    options.crf = 4;
    VideoWriter writer(folder / "a.mp4", options);
    for (int i = 0; i < 3; ++i) writer.write_video(patch(width, height, 200, 60, 30));
    writer.finish();
    const Image image = read_image(folder / "a.mp4");
    EXPECT_EQ(image.width, width + width % 2);
    EXPECT_EQ(image.height, height + height % 2);
    const std::uint8_t* last = image.at(image.width - 1, image.height - 1);
    EXPECT_NEAR(last[0], 200, 3);
    EXPECT_NEAR(last[1], 60, 3);
    EXPECT_NEAR(last[2], 30, 3);
  }
}

TEST(VideoWriter, WritesEveryLegalName) {
  for (const char* name : {"a b.mp4", "\xc3\xa4\xe4\xb8\xad.mp4", "a:b.mp4", "-x.mp4", "a%03d.mp4",
                           "http:x.mp4", "it's.mp4", "UPPER.MP4", "q?*[1]{2}.mkv"}) {
    const TempFolder folder;
    write_clip(folder / name, small(), 3);
    EXPECT_TRUE(fs::exists(folder / name)) << name;
    VideoReader reader(folder / name);
    EXPECT_EQ(read_all(reader).size(), 3u) << name;
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
  }
}

TEST(VideoWriter, RemovesWhatWasNotFinished) {
  const TempFolder folder;
  write_text(folder / "a.mp4", "old");
  {
    VideoWriter writer(folder / "a.mp4", small(16000, 1));
    for (int i = 0; i < 30; ++i) writer.write_video(numbered_picture(160, 96, i));
    writer.write_audio(tone(0, 16000, 16000, 1));
    EXPECT_TRUE(fs::exists(folder / "a.part.mp4"));
  }
  EXPECT_FALSE(fs::exists(folder / "a.part.mp4"));
  EXPECT_EQ(fs::file_size(folder / "a.mp4"), 3u);
}

TEST(VideoWriter, PartialEndIsPlayable) {
  for (const char* name : {"a.mp4", "a.mov", "a.mkv", "a.webm"}) {
    const TempFolder folder;
    VideoWriter writer(folder / name, small(16000, 1));
    writer.write_audio(tone(0, 32000, 16000, 1));  // sound is a second ahead
    for (int i = 0; i < 25; ++i) writer.write_video(numbered_picture(160, 96, i));
    EXPECT_EQ(writer.frames(), 25);
    EXPECT_TRUE(writer.finish_partial());
    const MediaInfo info = probe(folder / name, ProbeDepth::kDecoded);
    EXPECT_EQ(info.first(StreamKind::kVideo)->frames, 25) << name;
    EXPECT_NEAR(info.first(StreamKind::kAudio)->duration_s, 1.0, 0.07) << name;
  }
}

TEST(VideoWriter, PartialEndWithoutPictureLeavesNothing) {
  const TempFolder folder;
  {
    VideoWriter writer(folder / "a.mp4", small(16000, 1));
    writer.write_audio(tone(0, 16000, 16000, 1));
    EXPECT_FALSE(writer.finish_partial());
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(VideoWriter, ReportsWhereItCannotWrite) {
  const TempFolder folder;
  std::string message;
  EXPECT_EQ(error_of([&] { VideoWriter(folder / "none/a.mp4", small()); }, &message),
            ErrorCode::kOutput);
  EXPECT_NE(message.find("none"), std::string::npos) << message;
  fs::create_directory(folder / "dir.mp4");
  EXPECT_EQ(error_of([&] { VideoWriter(folder / "dir.mp4", small()); }), ErrorCode::kOutput);
  EXPECT_EQ(error_of([] { VideoWriter("/proc/a.mp4", small()); }, &message), ErrorCode::kOutput);
}

/// Files cannot grow beyond `bytes` while it lives, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit old_{};
};

TEST(VideoWriter, ReportsAFullDiskAndLeavesNothing) {
  for (const char* name : {"a.mp4", "a.mkv", "a.webm"}) {
    for (const rlim_t bytes : {rlim_t{0}, rlim_t{2000}, rlim_t{100000}}) {
      const TempFolder folder;
      std::string message;
      {
        const FileSizeLimit limit(bytes);
        VideoWriterOptions options = small(48000, 2);
        options.crf = 0;
        EXPECT_EQ(error_of([&] { write_clip(folder / name, options, 100, 192000); }, &message),
                  ErrorCode::kOutput)
            << name << " " << bytes;
      }
      EXPECT_NE(message.find("too large"), std::string::npos) << message;
      EXPECT_NE(message.find(name), std::string::npos) << message;
      EXPECT_TRUE(fs::is_empty(folder.path()));
    }
  }
}

TEST(VideoWriter, RefusesBadOptions) {
  const TempFolder folder;
  const auto refused = [&](const char* name, auto change) {
    VideoWriterOptions options = small(16000, 1);
    change(options);
    const ErrorCode code = error_of([&] { VideoWriter(folder / name, options); });
    EXPECT_TRUE(fs::is_empty(folder.path()));
    return code == ErrorCode::kUsage;
  };
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.crf = 52; }));
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.crf = -2; }));
  EXPECT_TRUE(refused("a.webm", [](auto& o) { o.crf = 64; }));
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.preset = "quick"; }));
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.bitrate = 5; }));
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.width = 0; }));
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.height = 8193; }));
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.fps = {0, 1}; }));
  EXPECT_TRUE(refused("a.mp4", [](auto& o) { o.audio_channels = 9; }));
}

TEST(VideoWriter, TakesPresetsAndBitrates) {
  for (const char* name : {"a.mp4", "a.webm"}) {
    const TempFolder folder;
    VideoWriterOptions options = small();
    options.preset = "ultrafast";
    options.bitrate = 200000;
    options.threads = 2;
    write_clip(folder / name, options, 30);
    EXPECT_LT(fs::file_size(folder / name), 90000u);
  }
}

TEST(VideoWriter, TakesTheWidestPicture) {
  const TempFolder folder;
  VideoWriterOptions options = small();
  options.width = 8192;
  options.height = 64;
  options.preset = "ultrafast";
  write_clip(folder / "a.mp4", options, 2);
  EXPECT_EQ(read_image(folder / "a.mp4").width, 8192);
}

TEST(VideoWriter, PutsTheIndexInFront) {
  const TempFolder folder;
  write_clip(folder / "a.mp4", small(), 3);
  std::ifstream in(folder / "a.mp4", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

}  // namespace
}  // namespace visema
