#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "visema/core/image.h"
#include "visema/core/time.h"

namespace visema {

/// Longest side of a picture or video frame that is accepted.
inline constexpr int kMaxPictureSide = 8192;

/// What a video file says of itself. A still picture is a video of one frame.
struct VideoInfo {
  int width = 0;  // as delivered: upright, square pixels
  int height = 0;
  Rational fps;                         // average, common rates exact
  bool variable_frame_rate = false;     // frames are not equally far apart
  double duration_s = 0;                // from the header, 0 when it says nothing
  FrameIndex frame_count_estimate = 0;  // from the header, 0 when it says nothing
  bool has_audio = false;
  bool still = false;
  std::string codec;
};

struct VideoReaderOptions {
  int threads = 1;  // of the decoder
};

/// Turns a video or picture file into RGB frames in presentation order.
///
/// Frames are rotated as the file's display matrix or EXIF orientation says, stretched to square
/// pixels, converted with the file's own matrix (BT.601, 709, 2020; unmarked: 709 from 720 lines
/// up, else 601) and range, and laid over mid grey where they are transparent. Times start at 0.
/// Frames whose size changes midway are scaled to the first one's size. Damaged parts are left out.
/// `path` may also be a libav URL such as "subfile,,start,100,end,2000,,:talk.avatar".
/// One thread at a time. Throws Error(kInput) when no frame can be decoded.
class VideoReader {
 public:
  explicit VideoReader(const std::filesystem::path& path, const VideoReaderOptions& options = {});
  ~VideoReader();
  VideoReader(VideoReader&&) noexcept;
  VideoReader& operator=(VideoReader&&) noexcept;

  const VideoInfo& info() const;
  /// The next frame, nothing after the last.
  std::optional<VideoFrame> read();
  /// Goes past a frame without converting it; false after the last.
  bool skip();
  /// Some of the file was missing or could not be decoded. Final after the last frame.
  bool damaged() const;
  /// Frames so far whose own time was missing or not later than that of the frame before.
  std::int64_t pts_errors() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// First picture of any file that VideoReader opens.
Image read_image(const std::filesystem::path& path);

/// The file holds exactly one picture (a GIF or PNG with more than one frame is a video).
bool is_still_image(const std::filesystem::path& path);

}  // namespace visema
