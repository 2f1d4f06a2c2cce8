#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "visema/core/time.h"

namespace visema {

enum class StreamKind { kVideo, kAudio, kOther };

struct StreamInfo {
  StreamKind kind = StreamKind::kOther;
  std::string codec;
  double start_time_s = 0;
  double duration_s = 0;
  std::int64_t frames = 0;  // video: pictures; audio: samples a channel; 0 when not known
  int width = 0;            // as coded
  int height = 0;
  Rational fps;
  int rate_hz = 0;
  int channels = 0;
};

struct MediaInfo {
  std::string format;
  double duration_s = 0;
  std::vector<StreamInfo> streams;
  /// First stream of a kind, null when there is none.
  const StreamInfo* first(StreamKind kind) const;
};

/// kHeader: what the file says. kDecoded: start, duration and frames as counted by decoding all.
enum class ProbeDepth { kHeader, kDecoded };

/// Throws Error(kInput) when the file is no media file.
MediaInfo probe(const std::filesystem::path& path, ProbeDepth depth = ProbeDepth::kHeader);

/// "libavformat 59.27.100" and so on, as loaded.
std::vector<std::string> libav_versions();

}  // namespace visema
