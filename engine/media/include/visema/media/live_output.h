#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/time.h"

namespace visema {

/// One frame of a live stream: the picture and exactly the sound that belongs to it.
struct LiveFrame {
  FrameIndex index = 0;                     // from the start of the stream
  std::shared_ptr<const Image> picture;     // shared by all outputs; null: none was made
  std::shared_ptr<const AudioBlock> sound;  // first = frame_start(index), that frame's samples
  /// A number for each pixel of the picture, 255 for opaque, where the options want it.
  std::shared_ptr<const std::vector<std::uint8_t>> alpha;
};

struct LiveOutputOptions {
  int width = 0;  // 1..8192; odd sizes are padded by repeating the last column or row
  int height = 0;
  Rational fps;
  int audio_rate_hz = 48000;  // of the frames' sound; 0: no sound
  int audio_channels = 1;
  std::int64_t bitrate = 0;  // of the picture, bits a second; 0: by quality
  std::string preset;        // an x264 preset, "veryfast" when empty
  double keyframe_seconds = 2;
  double hls_segment_seconds = 1;
  bool alpha = false;             // pictures come with transparency; .webm and raw only
  std::size_t queue_frames = 50;  // pictures on the way to the encoder
};

struct LiveOutputStatistics {
  enum class State { kConnecting, kLive, kLost, kEnded };
  State state = State::kConnecting;
  std::int64_t frames_sent = 0;
  std::int64_t frames_dropped = 0;  // pictures that found no room or no connection
  std::int64_t reconnects = 0;
  std::int64_t bytes = 0;  // encoded picture and sound
  std::size_t queued = 0;
  std::string last_error;  // why the connection was lost or not made; kept after a reconnect
};

/// Sends a live stream to one target (see live_targets) over a thread, a queue, encoders and a
/// connection of its own: what is slow or broken here delays neither the caller nor another output.
///
/// Times in the stream are those of the frames' indices, whatever was dropped and however often the
/// connection was lost. When the queue is full the oldest picture is dropped, its sound is kept. A
/// lost connection is tried again after 0.5 s, then twice that, up to 10 s; what is sent then
/// begins with a key frame and the newest frame. A recording that cannot go on begins a further
/// file. H.264 and AAC; sound at a rate of its own is resampled to 48 kHz.
class LiveOutput {
 public:
  /// Throws Error(kUsage) for a target it does not know and for bad options, Error(kOutput) when
  /// the folder of a file is missing.
  LiveOutput(const std::string& target, const LiveOutputOptions& options);
  /// As finish with no patience: what is queued is lost, files are still ended properly.
  ~LiveOutput();
  LiveOutput(const LiveOutput&) = delete;
  LiveOutput& operator=(const LiveOutput&) = delete;

  /// Never blocks. Indices rise; a gap is sent as silence. One thread.
  void push(LiveFrame frame);
  /// Sends what is queued and ends the stream; gives up after `patience`.
  void finish(std::chrono::milliseconds patience);
  /// Any thread.
  LiveOutputStatistics statistics() const;
  const std::string& target() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Throws Error(kUsage) for a target that LiveOutput does not know; opens nothing.
void check_live_target(const std::string& target, bool alpha = false);

/// The kinds of target, one per line with its meaning, for --help.
std::string live_targets();

}  // namespace visema
