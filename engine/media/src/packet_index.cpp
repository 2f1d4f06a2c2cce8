#include "packet_index.h"

#include <algorithm>

#include "input.h"
#include "stream_decoder.h"

namespace visema::media {

FrameIndex PacketIndex::frame_at(std::int64_t timestamp) const {
  const auto after = std::upper_bound(timestamps.begin(), timestamps.end(), timestamp);
  return after == timestamps.begin() ? 0 : after - timestamps.begin() - 1;
}

std::size_t PacketIndex::keyframe_before(FrameIndex frame) const {
  const auto after = std::upper_bound(keyframes.begin(), keyframes.end(), frame);
  return after == keyframes.begin() ? 0 : static_cast<std::size_t>(after - keyframes.begin() - 1);
}

PacketIndex read_packet_index(const std::filesystem::path& path) {
  StreamDecoder stream(path, AVMEDIA_TYPE_VIDEO, 1);
  PacketIndex index;
  if (is_picture_format(stream.input())) {
    index.exact = false;
    return index;
  }
  std::vector<std::int64_t> keys;
  bool first = true;
  while (const AVPacket* packet = stream.next_packet()) {
    const bool key = packet->flags & AV_PKT_FLAG_KEY;
    if (first && !key) index.exact = false;
    first = false;
    if (packet->flags & AV_PKT_FLAG_DISCARD) continue;
    if (packet->pts == AV_NOPTS_VALUE) {
      index.exact = false;
      break;
    }
    index.timestamps.push_back(packet->pts);
    if (key) keys.push_back(packet->pts);
  }
  auto& times = index.timestamps;
  std::sort(times.begin(), times.end());
  if (std::adjacent_find(times.begin(), times.end()) != times.end() || stream.damaged())
    index.exact = false;
  std::sort(keys.begin(), keys.end());
  for (const std::int64_t key : keys) index.keyframes.push_back(index.frame_at(key));
  if (keys.empty()) index.exact = false;
  return index;
}

}  // namespace visema::media
