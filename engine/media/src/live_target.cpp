#include "live_target.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "visema/core/error.h"
#include "visema/media/live_output.h"

namespace visema {
namespace {

using media::Container;
using media::LiveKind;
using media::LiveTarget;

constexpr const char* kH264 = "libx264";
constexpr const char* kRaw = "rawvideo";
constexpr Container kFlv = {".flv", "flv", kH264, "aac", false};
constexpr Container kTransport = {".ts", "mpegts", kH264, "aac", false};
constexpr Container kMatroska = {".mkv", "matroska", kH264, "aac", false};
constexpr Container kWebm = {".webm", "webm", "libvpx-vp9", "libopus", false};
constexpr Container kRtp = {"", "rtp_mpegts", kH264, "aac", false};
constexpr Container kHls = {".m3u8", "hls", kH264, "aac", false};
constexpr Container kCamera = {"", "v4l2", kRaw, nullptr, false};
constexpr Container kWindow = {"", "sdl2", kRaw, nullptr, false};
constexpr const Container* kRecordings[] = {&kMatroska, &kTransport, &kFlv, &kWebm};

struct Kind {
  std::string_view prefix;
  LiveKind kind;
  const Container* container;  // of files: by extension
  const char* form;
  const char* meaning;
};
constexpr Kind kKinds[] = {
    {"rtmp://", LiveKind::kRtmp, &kFlv, "rtmp://HOST/APP/KEY", "RTMP server"},
    {"rtmps://", LiveKind::kRtmp, &kFlv, "rtmps://HOST/APP/KEY", "RTMP server over TLS"},
    {"srt://", LiveKind::kSrt, &kTransport, "srt://HOST:PORT", "SRT, MPEG-TS"},
    {"udp://", LiveKind::kUdp, &kTransport, "udp://HOST:PORT", "MPEG-TS in UDP"},
    {"rtp://", LiveKind::kRtp, &kRtp, "rtp://HOST:PORT", "MPEG-TS in RTP"},
    {"hls:", LiveKind::kHls, &kHls, "hls:FOLDER[/NAME.m3u8]", "HLS playlist and segments"},
    {"file:", LiveKind::kFile, nullptr, "file:PATH", "recording, .mkv .ts .flv .webm"},
    {"v4l2:", LiveKind::kCamera, &kCamera, "v4l2:/dev/videoN", "virtual camera, no sound"},
    {"raw:", LiveKind::kRaw, nullptr, "raw:-",
     "rgb24 pictures to standard output; raw:rgba:- and raw:bgra:- with transparency"},
    {"preview:", LiveKind::kPreview, &kWindow, "preview:", "window, no sound"},
};

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error(ErrorCode::kUsage, "output \"" + text + "\": " + why);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

const Container& recording(const LiveTarget& target) {
  const std::string extension = lower(target.path.extension().string());
  for (const Container* container : kRecordings)
    if (extension == container->extension) return *container;
  refuse(target.text, "extension \"" + extension + "\": must be one of .mkv, .ts, .flv, .webm");
}

/// MPEG-TS packets must not be cut by datagrams.
std::string with_packet_size(std::string url) {
  if (url.find("pkt_size=") != std::string::npos) return url;
  return url + (url.find('?') == std::string::npos ? '?' : '&') + "pkt_size=1316";
}

bool names_port(std::string_view address) {
  address = address.substr(0, address.find_first_of("/?"));
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == address.size()) return false;
  const std::string_view port = address.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c); });
}

media::RawOrder raw_order(const LiveTarget& target, std::string_view rest) {
  if (rest == "-") return media::RawOrder::kRgb;
  if (rest == "rgba:-") return media::RawOrder::kRgba;
  if (rest == "bgra:-") return media::RawOrder::kBgra;
  refuse(target.text, "must be raw:-, raw:rgba:- or raw:bgra:-");
}

void complete(LiveTarget& target, std::string_view rest) {
  switch (target.kind) {
    case LiveKind::kRtmp:
      if (rest.empty()) refuse(target.text, "names no host");
      break;
    case LiveKind::kSrt:
    case LiveKind::kUdp:
    case LiveKind::kRtp:
      if (!names_port(rest)) refuse(target.text, "names no port; needed: HOST:PORT");
      if (target.kind != LiveKind::kSrt) target.url = with_packet_size(target.url);
      break;
    case LiveKind::kHls:
      if (target.path.empty()) refuse(target.text, "names no folder");
      if (rest.find('%') != std::string_view::npos) refuse(target.text, "must have no %");
      if (lower(target.path.extension().string()) != kHls.extension) target.path /= "index.m3u8";
      break;
    case LiveKind::kFile:
      target.container = &recording(target);
      break;
    case LiveKind::kCamera:
      if (target.path.empty()) refuse(target.text, "names no device; needed: v4l2:/dev/videoN");
      break;
    case LiveKind::kRaw:
      target.order = raw_order(target, rest);
      break;
    case LiveKind::kPreview:
      if (!rest.empty()) refuse(target.text, "must be preview:");
      break;
  }
}

}  // namespace

void check_live_target(const std::string& target, bool alpha) {
  const media::LiveTarget parsed = media::parse_live_target(target);
  if (alpha) parsed.require_alpha();
}

std::string live_targets() {
  std::string lines;
  for (const Kind& kind : kKinds) {
    const std::string form = kind.form;
    lines += form + std::string(form.size() < 24 ? 24 - form.size() : 1, ' ') + kind.meaning + '\n';
  }
  return lines;
}

namespace media {

void LiveTarget::require_alpha() const {
  if (container == &kWebm || (kind == LiveKind::kRaw && order != RawOrder::kRgb)) return;
  throw Error(ErrorCode::kUsage, text +
                                     ": carries no transparency; must be raw:rgba:-, "
                                     "raw:bgra:- or file:NAME.webm");
}

LiveTarget parse_live_target(const std::string& text) {
  std::string forms;
  for (const Kind& kind : kKinds) {
    if (!text.starts_with(kind.prefix)) {
      forms += (forms.empty() ? "" : ", ") + std::string(kind.form);
      continue;
    }
    const std::string rest = text.substr(kind.prefix.size());
    LiveTarget target{kind.kind, text, kind.container, text, rest};
    complete(target, rest);
    return target;
  }
  refuse(text, "must be one of " + forms);
}

}  // namespace media
}  // namespace visema
