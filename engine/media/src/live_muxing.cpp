#include "live_muxing.h"

#include <string>

#include "libav_text.h"

extern "C" {
#include <libavdevice/avdevice.h>
}

namespace visema::media {
namespace {

constexpr int kPlaylistSegments = 6;

/// Old segments are deleted and files renamed into place only with plain absolute names.
void set_hls(MuxerTarget& muxing, const std::filesystem::path& playlist, double segment_seconds) {
  const auto path = std::filesystem::absolute(playlist);
  std::string flags = "delete_segments+independent_segments+temp_file";
  // A player goes on over a restart: numbers continue behind a discontinuity.
  if (std::filesystem::exists(path)) flags += "+append_list";
  muxing.url = path.string();
  muxing.options.set("hls_flags", flags);
  muxing.options.set("hls_time", std::to_string(segment_seconds));
  muxing.options.set("hls_list_size", std::to_string(kPlaylistSegments));
  muxing.options.set("hls_segment_filename",
                     (path.parent_path() / path.stem()).string() + "-%05d.ts");
}

void set_file(MuxerTarget& muxing, const std::filesystem::path& path) {
  muxing.url = file_url(path);
  muxing.negative_times =
      muxing.format == std::string("matroska") || muxing.format == std::string("webm");
  muxing.options.set("cluster_time_limit", "1000");
  muxing.options.set("flvflags", "no_duration_filesize");
}

void set_network(MuxerTarget& muxing, const LiveTarget& target, Interrupt& interrupt) {
  muxing.url = target.url;
  muxing.interrupt = interrupt.callback();
  if (target.kind != LiveKind::kRtmp) return;
  muxing.options.set("flvflags", "no_duration_filesize");
  muxing.options.set("tcp_nodelay", "1");
}

}  // namespace

MuxerTarget live_muxing(const LiveTarget& target, const LiveOutputOptions& options,
                        const std::filesystem::path& path, Interrupt& interrupt) {
  MuxerTarget muxing{target.container->muxer, {}, target.text, {}};
  muxing.live = true;
  muxing.in_order = target.kind == LiveKind::kRtp;  // whose packets are one stream
  switch (target.kind) {
    case LiveKind::kHls:
      set_hls(muxing, path, options.hls_segment_seconds);
      break;
    case LiveKind::kFile:
      set_file(muxing, path);
      break;
    case LiveKind::kCamera:
    case LiveKind::kPreview:
    case LiveKind::kRaw:
      avdevice_register_all();
      muxing.url = target.kind == LiveKind::kCamera ? path.string() : "Visema";
      break;
    default:
      set_network(muxing, target, interrupt);
  }
  return muxing;
}

}  // namespace visema::media
