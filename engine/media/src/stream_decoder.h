#pragma once

#include <filesystem>
#include <optional>

#include "handles.h"

namespace visema::media {

/// Demuxes and decodes one stream of a file.
class StreamDecoder {
 public:
  /// Throws Error(kInput) when the file has no stream of that kind or no decoder for it.
  StreamDecoder(const std::filesystem::path& path, AVMediaType kind, int threads,
                AVIOInterruptCB interrupt = {});

  const std::filesystem::path& path() const { return path_; }
  AVFormatContext& input() const { return *input_; }
  AVStream& stream() const { return *input_->streams[stream_]; }

  /// The next decoded frame, owned by the decoder until the next call; null after the last.
  AVFrame* next();
  /// The next packet without decoding it; null at the end. Not to be mixed with next().
  AVPacket* next_packet();
  /// Continues at the keyframe that libav finds at or before `timestamp`; false when it cannot.
  bool seek(std::int64_t timestamp);
  bool damaged() const { return damaged_; }

 private:
  void feed();

  std::filesystem::path path_;
  InputPtr input_;
  int stream_ = -1;
  CodecPtr codec_;
  PacketPtr packet_ = make_packet();
  FramePtr frame_ = make_frame();
  bool draining_ = false;
  bool damaged_ = false;
};

}  // namespace visema::media
