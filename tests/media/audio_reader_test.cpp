#include "visema/media/audio_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "media_files.h"

namespace visema {
namespace {

using namespace test;

std::vector<float> ramp(std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i)
    samples[i] = static_cast<float>(0.5 * std::sin(0.05 * static_cast<double>(i)));
  return samples;
}

TEST(AudioReader, GivesSamplesUnchanged) {
  const TempFolder folder;
  const auto samples = ramp(2 * 12345);
  write_float_wav(folder / "a.wav", 44100, 2, samples);
  AudioReader reader(folder / "a.wav");
  EXPECT_EQ(reader.info().rate_hz, 44100);
  EXPECT_EQ(reader.info().channels, 2);
  EXPECT_NEAR(reader.info().duration_s, 12345 / 44100.0, 1e-3);
  std::vector<float> got;
  SampleIndex next = 0;
  while (auto block = reader.read()) {
    EXPECT_EQ(block->first, next);
    EXPECT_GT(block->size(), 0);
    next += block->size();
    got.insert(got.end(), block->samples.begin(), block->samples.end());
  }
  EXPECT_EQ(got, samples);
  EXPECT_EQ(reader.non_finite(), 0);
  EXPECT_FALSE(reader.damaged());
}

TEST(AudioReader, ResamplesToTheExactLength) {
  for (const int rate : {8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000}) {
    const TempFolder folder;
    write_float_wav(folder / "a.wav", rate, 1, ramp(rate / 3 + 7));
    AudioReader reader(folder / "a.wav", {16000, 1});
    const auto got = read_all(reader);
    EXPECT_EQ(got.size(), std::llround((rate / 3 + 7) * 16000.0 / rate)) << rate;
  }
}

TEST(AudioReader, MixesStereoToTheMean) {
  const TempFolder folder;
  std::vector<float> samples;
  for (int i = 0; i < 1000; ++i) samples.insert(samples.end(), {0.9f, 0.3f});
  write_float_wav(folder / "a.wav", 16000, 2, samples);
  AudioReader reader(folder / "a.wav", {0, 1});
  for (const float sample : read_all(reader)) EXPECT_NEAR(sample, 0.6f, 1e-5);
}

TEST(AudioReader, MixesEveryChannelCount) {
  for (const int channels : {1, 2, 3, 4, 5, 6, 7, 8}) {
    const TempFolder folder;
    write_float_wav(folder / "a.wav", 48000, channels,
                    std::vector<float>(static_cast<std::size_t>(4800) * channels, 0.5f));
    AudioReader kept(folder / "a.wav");
    EXPECT_EQ(kept.info().channels, channels);
    EXPECT_EQ(read_all(kept).size(), 4800u * channels);
    AudioReader mixed(folder / "a.wav", {16000, 1});
    const auto got = read_all(mixed);
    ASSERT_EQ(got.size(), 1600u) << channels;
    EXPECT_GT(got[800], 0.1f) << channels;
    EXPECT_LE(got[800], 0.51f) << channels;
  }
}

TEST(AudioReader, ZeroesWhatIsNoNumber) {
  const TempFolder folder;
  auto samples = ramp(8000);
  samples[100] = std::numeric_limits<float>::quiet_NaN();
  samples[101] = std::numeric_limits<float>::infinity();
  samples[7000] = -std::numeric_limits<float>::infinity();
  write_float_wav(folder / "a.wav", 16000, 1, samples);
  AudioReader reader(folder / "a.wav");
  const auto got = read_all(reader);
  EXPECT_EQ(reader.non_finite(), 3);
  samples[100] = samples[101] = samples[7000] = 0;
  EXPECT_EQ(got, samples);
}

TEST(AudioReader, ReadsEveryCommonFormat) {
  SKIP_WITHOUT_FFMPEG();
  struct Format {
    const char* name;
    const char* arguments;
    int slack;  // samples that the format may add
  };
  for (const auto& [name, arguments, slack] :
       {Format{"a.wav", "", 0}, Format{"a24.wav", "-c:a pcm_s24le", 0}, Format{"a.flac", "", 0},
        Format{"a.mp3", "", 0}, Format{"a.m4a", "", 1024}, Format{"a.ogg", "-c:a libvorbis", 0},
        Format{"a.opus", "-ar 48000", 1}, Format{"alaw.wav", "-c:a pcm_alaw", 0},
        Format{"a.aiff", "", 0}, Format{"a.ac3", "-c:a ac3 -ar 48000", 2000},
        Format{"a.mkv", "-c:a aac", 1024}}) {
    const TempFolder folder;
    ASSERT_TRUE(
        ffmpeg(std::string("-f lavfi -i sine=440:d=1.3:r=44100 -ac 2 ") + arguments, folder / name))
        << name;
    AudioReader reader(folder / name, {16000, 1});
    const auto got = read_all(reader);
    EXPECT_NEAR(static_cast<double>(got.size()), 20800, slack + 1.0) << name;
    double power = 0;
    for (std::size_t i = 2000; i < 18000; ++i) power += double{got[i]} * got[i];
    EXPECT_NEAR(std::sqrt(power / 16000), 0.0625, 0.005) << name;
  }
}

TEST(AudioReader, ReadsTheSoundOfAVideo) {
  const TempFolder folder;
  VideoWriterOptions options;
  options.width = options.height = 64;
  options.audio_rate_hz = 48000;
  options.audio_channels = 2;
  for (const char* name : {"a.mp4", "a.mkv", "a.webm"}) {
    write_clip(folder / name, options, 25, 48000);
    AudioReader reader(folder / name, {16000, 1});
    EXPECT_NEAR(static_cast<double>(read_all(reader).size()), 16000, 342) << name;
  }
}

TEST(AudioReader, TellsWhyItCannotRead) {
  const TempFolder folder;
  const auto refused = [&](const std::string& name, const std::string& word) {
    std::string message;
    EXPECT_EQ(error_of([&] { AudioReader reader(folder / name); }, &message), ErrorCode::kInput)
        << name << ": " << message;
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find(word), std::string::npos) << message;
  };
  refused("none.wav", "no such file");
  write_text(folder / "empty.wav", "");
  refused("empty.wav", "empty");
  write_text(folder / "text.wav", "Once upon a time there was a voice.\n");
  refused("text.wav", "not a readable");
  write_float_wav(folder / "zero.wav", 16000, 1, {});
  refused("zero.wav", "");
  VideoWriterOptions options;
  options.width = options.height = 64;
  write_clip(folder / "silent.mp4", options, 5);
  refused("silent.mp4", "no sound");
  EXPECT_EQ(error_of([&] { AudioReader(folder / "silent.mp4", {10, 1}); }), ErrorCode::kUsage);
}

TEST(AudioReader, ReadsWhatIsLeftOfATruncatedFile) {
  const TempFolder folder;
  write_float_wav(folder / "a.wav", 16000, 1, ramp(16000));
  truncate_file(folder / "a.wav", 0.5);
  AudioReader reader(folder / "a.wav");
  EXPECT_NEAR(static_cast<double>(read_all(reader).size()), 8000, 1030);
}

TEST(AudioReader, BelievesTheFileNotItsHeader) {
  const TempFolder folder;
  write_float_wav(folder / "a.wav", 16000, 1, ramp(1600));
  std::fstream file(folder / "a.wav", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4);
  file.write("\xff\xff\xff\xff", 4);
  file.seekp(40);
  file.write("\xf0\xff\xff\xff", 4);
  file.close();
  AudioReader reader(folder / "a.wav");
  EXPECT_EQ(read_all(reader).size(), 1600u);
}

}  // namespace
}  // namespace visema
