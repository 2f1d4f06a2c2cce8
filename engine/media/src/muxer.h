#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "handles.h"

namespace visema::media {

/// Where a muxer writes and how.
struct MuxerTarget {
  const char* format;
  std::string url;
  std::filesystem::path name;  // in messages
  Options options;             // of protocol and muxer
  AVIOInterruptCB interrupt = {nullptr, nullptr};
  /// Sample 0 and picture 0 are at 0 and what the sound's encoder puts before lies before 0.
  bool negative_times = false;
  /// Packets leave at once.
  bool live = false;
  /// A packet waits until those of the other streams with earlier times are written.
  bool in_order = true;
};

/// The muxer with its open file or connection. Errors are Error(kOutput) with the target's name.
class Muxer {
 public:
  explicit Muxer(MuxerTarget target);
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
  bool opens_itself() const { return context_->oformat->flags & AVFMT_NOFILE; }
  void place_times();

  MuxerTarget target_;
  AVFormatContext* context_ = nullptr;
  bool started_ = false;  // and not finished
  std::set<int> silent_;  // streams without a packet so far
};

}  // namespace visema::media
