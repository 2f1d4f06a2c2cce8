#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "visema/media/live_output.h"

namespace visema::media {

/// Frames on the way to an encoder. A push into a full queue drops the oldest picture and keeps its
/// sound; only when there are `frames` frames, with or without picture, the oldest goes whole.
/// Every member may be called from any thread.
class LiveQueue {
 public:
  LiveQueue(std::size_t pictures, std::size_t frames);

  void push(LiveFrame frame);
  /// Waits for a frame; nothing once the queue is closed and empty, or cancelled.
  std::optional<LiveFrame> pop();
  /// Forgets all but the newest frame, now and with every push until `resume`.
  void keep_newest();
  void resume();

  /// Nothing more enters; `cancel` also forgets what is inside.
  void close();
  void cancel();
  bool closed() const;
  /// Waits for close or cancel; false when the time is over first.
  bool wait_closed(std::chrono::milliseconds timeout) const;

  std::size_t size() const;
  std::int64_t dropped() const;  // pictures

 private:
  LiveFrame drop_oldest_picture();
  LiveFrame drop_oldest();
  void forget(std::size_t keep, std::deque<LiveFrame>& lost);

  const std::size_t most_pictures_;
  const std::size_t most_frames_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<LiveFrame> frames_;
  std::size_t pictures_ = 0;
  std::int64_t dropped_ = 0;
  bool only_newest_ = false;
  bool closed_ = false;
};

}  // namespace visema::media
