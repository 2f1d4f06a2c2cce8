#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "visema/core/error.h"
#include "visema/core/image.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_reader.h"
#include "visema/media/video_writer.h"

namespace visema::test {

namespace fs = std::filesystem;

/// A folder of its own that goes with the object.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (fs::temp_directory_path() / "visema-media-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline bool has_ffmpeg() {
  static const bool found = std::system("ffmpeg -version >/dev/null 2>&1") == 0;
  return found;
}

/// Runs `ffmpeg ARGUMENTS OUT`; true when it succeeds.
inline bool ffmpeg(const std::string& arguments, const fs::path& out) {
  const std::string command =
      "ffmpeg -nostdin -v error -y " + arguments + " 'file:" + out.string() + "' </dev/null";
  return std::system(command.c_str()) == 0;
}

#define SKIP_WITHOUT_FFMPEG() \
  if (!::visema::test::has_ffmpeg()) GTEST_SKIP() << "needs the ffmpeg program"

inline constexpr int kNumbers = 23;

/// A gradient with a square that moves with `number` and a corner whose grey level tells it.
inline Image numbered_picture(int width, int height, int number) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* p = image.at(x, y);
      p[0] = static_cast<std::uint8_t>(40 + 150 * x / width);
      p[1] = static_cast<std::uint8_t>(40 + 150 * y / height);
      p[2] = static_cast<std::uint8_t>(60 + (number * 7) % 120);
      const bool corner = x < width / 4 && y < height / 4;
      if (corner) p[0] = p[1] = p[2] = static_cast<std::uint8_t>(20 + number % kNumbers * 10);
    }
  }
  return image;
}

/// The number of a picture made by numbered_picture, modulo kNumbers.
inline int number_in(const Image& image) {
  int sum = 0;
  int count = 0;
  for (int y = 1; y < image.height / 4 - 1; ++y)
    for (int x = 1; x < image.width / 4 - 1; ++x, ++count) sum += image.at(x, y)[1];
  return static_cast<int>((static_cast<double>(sum) / count - 20) / 10 + 0.5);
}

inline Image patch(int width, int height, int r, int g, int b) {
  Image image(width, height);
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    image.rgb[i] = static_cast<std::uint8_t>(r);
    image.rgb[i + 1] = static_cast<std::uint8_t>(g);
    image.rgb[i + 2] = static_cast<std::uint8_t>(b);
  }
  return image;
}

inline AudioBlock tone(SampleIndex first, SampleIndex count, int rate_hz, int channels) {
  AudioBlock block{first, rate_hz, channels, {}};
  block.samples.reserve(static_cast<std::size_t>(count) * channels);
  for (SampleIndex i = first; i < first + count; ++i)
    for (int c = 0; c < channels; ++c)
      block.samples.push_back(0.4f *
                              static_cast<float>(std::sin(2 * 3.14159265358979 * (300.0 + 100 * c) *
                                                          static_cast<double>(i) / rate_hz)));
  return block;
}

/// Writes `frames` numbered pictures and `samples` of a tone, evenly.
inline void write_clip(const fs::path& path, const VideoWriterOptions& options, int frames,
                       SampleIndex samples = 0) {
  VideoWriter writer(path, options);
  SampleIndex done = 0;
  for (int i = 0; i < frames; ++i) {
    writer.write_video(numbered_picture(options.width, options.height, i));
    const SampleIndex until = samples * (i + 1) / frames;
    if (until > done)
      writer.write_audio(tone(done, until - done, options.audio_rate_hz, options.audio_channels));
    done = until;
  }
  writer.finish();
}

/// A WAV file of float samples.
inline void write_float_wav(const fs::path& path, int rate_hz, int channels,
                            const std::vector<float>& samples) {
  std::ofstream out(path, std::ios::binary);
  const auto u32 = [&](std::uint32_t value) { out.write(reinterpret_cast<char*>(&value), 4); };
  const auto u16 = [&](std::uint16_t value) { out.write(reinterpret_cast<char*>(&value), 2); };
  const auto bytes = static_cast<std::uint32_t>(samples.size() * 4);
  out << "RIFF";
  u32(36 + bytes);
  out << "WAVEfmt ";
  u32(16);
  u16(3);  // float
  u16(static_cast<std::uint16_t>(channels));
  u32(static_cast<std::uint32_t>(rate_hz));
  u32(static_cast<std::uint32_t>(rate_hz * channels * 4));
  u16(static_cast<std::uint16_t>(channels * 4));
  u16(32);
  out << "data";
  u32(bytes);
  out.write(reinterpret_cast<const char*>(samples.data()), bytes);
}

inline void write_text(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// Keeps the first `part` of a file.
inline void truncate_file(const fs::path& path, double part) {
  fs::resize_file(path,
                  static_cast<std::uintmax_t>(static_cast<double>(fs::file_size(path)) * part));
}

inline std::vector<float> read_all(AudioReader& reader) {
  std::vector<float> all;
  while (auto block = reader.read())
    all.insert(all.end(), block->samples.begin(), block->samples.end());
  return all;
}

inline std::vector<VideoFrame> read_all(VideoReader& reader) {
  std::vector<VideoFrame> all;
  while (auto frame = reader.read()) all.push_back(std::move(*frame));
  return all;
}

/// The code of the visema::Error that `call` throws, 0 when it throws none.
template <typename Call>
ErrorCode error_of(Call&& call, std::string* message = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.code();
  }
  if (message != nullptr) *message = "nothing was thrown";
  return ErrorCode{0};
}

}  // namespace visema::test
