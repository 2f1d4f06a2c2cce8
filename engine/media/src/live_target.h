#pragma once

#include <filesystem>
#include <string>

#include "container.h"

namespace visema::media {

enum class LiveKind { kRtmp, kSrt, kUdp, kRtp, kHls, kFile, kCamera, kRaw, kPreview };

/// How raw pictures lie in memory.
enum class RawOrder { kRgb, kRgba, kBgra };

/// Where a live stream goes, as the user named it.
struct LiveTarget {
  LiveKind kind;
  std::string text;            // as given
  const Container* container;  // null: pictures as they are
  std::string url;             // network
  std::filesystem::path path;  // file, playlist, device
  RawOrder order = RawOrder::kRgb;

  /// Throws Error(kUsage) where it can carry no transparency.
  void require_alpha() const;
  bool is_network() const { return kind <= LiveKind::kRtp; }
  /// A window that was closed and a pipe that nobody reads do not come back.
  bool comes_back() const { return kind != LiveKind::kRaw && kind != LiveKind::kPreview; }
};

/// Throws Error(kUsage) for what it does not know.
LiveTarget parse_live_target(const std::string& text);

}  // namespace visema::media
