#pragma once

#include "container.h"
#include "handles.h"
#include "part_file.h"

namespace visema::media {

/// The muxer with its open file. Errors are Error(kOutput) with the name that the file is to get.
class Muxer {
 public:
  Muxer(const Container& container, const PartFile& file);
  ~Muxer();
  Muxer(const Muxer&) = delete;
  Muxer& operator=(const Muxer&) = delete;

  bool wants_global_header() const { return context_->oformat->flags & AVFMT_GLOBALHEADER; }
  /// The stream's number.
  int add_stream(const AVCodecContext& codec);
  void start();
  void write(AVPacket& packet, int stream, AVRational time_base);
  void finish();

 private:
  void check(int code) const;

  const Container& container_;
  const PartFile& file_;
  AVFormatContext* context_ = nullptr;
};

}  // namespace visema::media
