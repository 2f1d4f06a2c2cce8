#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "visema/core/image.h"
#include "visema/core/time.h"

namespace visema {

struct VideoWriterOptions {
  int width = 0;  // 1..8192; odd sizes are padded by repeating the last column or row
  int height = 0;
  Rational fps;
  int audio_rate_hz = 0;  // 0: no sound
  int audio_channels = 0;
  int crf = -1;              // -1: 18 for H.264 (0..51), 28 for VP9 (0..63)
  std::string preset;        // an x264 preset, "veryfast" when empty; VP9 gets the nearest speed
  std::int64_t bitrate = 0;  // of the picture, bits a second; 0: by crf
  int threads = 1;           // of the picture's encoder
  bool alpha = false;        // pictures come with transparency; VP9 only
};

/// Writes pictures and sound into one file, picture and sound both starting at 0.
///
/// .mp4, .mov (index in front), .mkv: H.264 and AAC; .webm: VP9 and Opus. Pictures are 4:2:0,
/// BT.709, limited range, whatever their size, and marked so. Frame i is shown at i / fps, sample i
/// is heard at i / rate. Sound at a rate that the codec has not is resampled. Samples beyond +-1
/// are clipped.
///
/// The file grows as "<name>.part<ext>" beside `path` and gets its name at the end; without
/// finish() or finish_partial() the destructor removes it. Pictures and sound should be written
/// about evenly: what is ahead is held in memory, up to 10 s. One thread at a time.
/// Throws Error(kUsage) for bad options, Error(kOutput) when the file cannot be written.
class VideoWriter {
 public:
  VideoWriter(const std::filesystem::path& path, const VideoWriterOptions& options);
  ~VideoWriter();
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;

  /// `alpha`: a number a pixel, 255 for opaque, where the options want it; the picture's colours
  /// are not multiplied by it.
  void write_video(const Image& image, std::span<const std::uint8_t> alpha = {});
  /// Blocks follow each other without a gap, at the rate and channels of the options.
  void write_audio(const AudioBlock& block);
  /// Writes the rest and gives the file its name. Nothing may be written after it.
  void finish();
  /// Ends early with what was written, sound cut at the end of the picture. False, and no file,
  /// when there was no frame.
  bool finish_partial();

  FrameIndex frames() const;
  SampleIndex samples() const;  // per channel, at the rate of the options

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The extensions that VideoWriter knows, as ".mp4, .mov, .mkv, .webm".
std::string video_extensions();

}  // namespace visema
