#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "visema/core/time.h"

namespace visema::media {

/// Presentation times of all pictures of a file, from its packets.
struct PacketIndex {
  std::vector<std::int64_t> timestamps;  // in presentation order, stream time base
  std::vector<FrameIndex> keyframes;     // ascending
  bool exact = true;  // false: packets do not tell the frames, they must be counted by decoding

  FrameIndex frame_count() const { return static_cast<FrameIndex>(timestamps.size()); }
  /// Last frame at or before a time, at least 0.
  FrameIndex frame_at(std::int64_t timestamp) const;
  /// Position in `keyframes` of the last one at or before a frame, at least 0.
  std::size_t keyframe_before(FrameIndex frame) const;
};

PacketIndex read_packet_index(const std::filesystem::path& path);

}  // namespace visema::media
