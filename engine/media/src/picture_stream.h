#pragma once

#include "colour.h"
#include "orientation.h"
#include "stream_decoder.h"
#include "visema/media/video_reader.h"

namespace visema::media {

/// Decoded frames of a file's picture stream and their way to upright RGB; what VideoReader and
/// RandomFrameReader share.
class PictureStream {
 public:
  PictureStream(const std::filesystem::path& path, const VideoReaderOptions& options);

  const VideoInfo& info() const { return info_; }
  StreamDecoder& decoder() { return decoder_; }
  const StreamDecoder& decoder() const { return decoder_; }
  /// The next decoded frame, null after the last. The first one is decoded already.
  AVFrame* next();
  /// The next call of next() gives `frame`, the one it gave last, once more.
  void give_back(AVFrame* frame) { pending_ = frame; }
  /// Back before the first frame; opens the file anew.
  void rewind();
  /// Continues at a keyframe at or before `timestamp`.
  bool seek(std::int64_t timestamp);
  Image convert(const AVFrame& frame);
  /// Presentation time in the stream's time base, AV_NOPTS_VALUE when the file has none.
  static std::int64_t timestamp(const AVFrame& frame) { return frame.best_effort_timestamp; }
  /// The same before libavcodec mends what does not rise; the time of decoding where the container
  /// stores no other, as AVI.
  static std::int64_t own_timestamp(const AVFrame& frame) {
    return frame.pts != AV_NOPTS_VALUE ? frame.pts : frame.best_effort_timestamp;
  }
  /// Seconds after the first frame.
  double seconds(std::int64_t timestamp) const;

 private:
  void read_first();
  void fill_info();
  Orientation orientation(const AVFrame& frame) const;

  std::filesystem::path path_;
  VideoReaderOptions options_;
  StreamDecoder decoder_;
  RgbConverter converter_;
  VideoInfo info_;
  AVFrame* pending_ = nullptr;
  std::int64_t first_timestamp_ = AV_NOPTS_VALUE;
  int coded_width_ = 0;  // before turning, square pixels
  int coded_height_ = 0;
  Orientation stream_orientation_;
};

}  // namespace visema::media
