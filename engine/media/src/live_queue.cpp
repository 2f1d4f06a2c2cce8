#include "live_queue.h"

#include <algorithm>
#include <utility>

namespace visema::media {

LiveQueue::LiveQueue(std::size_t pictures, std::size_t frames)
    : most_pictures_(std::max<std::size_t>(1, pictures)),
      most_frames_(std::max(most_pictures_, frames)) {}

void LiveQueue::push(LiveFrame frame) {
  LiveFrame lost_picture, lost_frame;  // destroyed after the lock
  std::deque<LiveFrame> lost;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (only_newest_) forget(0, lost);
    if (frame.picture && pictures_ == most_pictures_) lost_picture = drop_oldest_picture();
    if (frames_.size() == most_frames_) lost_frame = drop_oldest();
    if (frame.picture) ++pictures_;
    frames_.push_back(std::move(frame));
  }
  changed_.notify_all();
}

LiveFrame LiveQueue::drop_oldest_picture() {
  LiveFrame lost;
  const auto oldest = std::find_if(frames_.begin(), frames_.end(),
                                   [](const LiveFrame& frame) { return frame.picture; });
  lost.picture = std::move(oldest->picture);
  oldest->picture = nullptr;
  --pictures_;
  ++dropped_;
  return lost;
}

LiveFrame LiveQueue::drop_oldest() {
  LiveFrame lost = std::move(frames_.front());
  frames_.pop_front();
  if (lost.picture) {
    --pictures_;
    ++dropped_;
  }
  return lost;
}

void LiveQueue::forget(std::size_t keep, std::deque<LiveFrame>& lost) {
  while (frames_.size() > keep) lost.push_back(drop_oldest());
}

std::optional<LiveFrame> LiveQueue::pop() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !frames_.empty(); });
  if (frames_.empty()) return std::nullopt;
  LiveFrame frame = std::move(frames_.front());
  frames_.pop_front();
  if (frame.picture) --pictures_;
  return frame;
}

void LiveQueue::keep_newest() {
  std::deque<LiveFrame> lost;
  const std::lock_guard lock(mutex_);
  only_newest_ = true;
  forget(1, lost);
}

void LiveQueue::resume() {
  const std::lock_guard lock(mutex_);
  only_newest_ = false;
}

void LiveQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

void LiveQueue::cancel() {
  std::deque<LiveFrame> lost;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    forget(0, lost);
  }
  changed_.notify_all();
}

bool LiveQueue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

bool LiveQueue::wait_closed(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return closed_; });
}

std::size_t LiveQueue::size() const {
  const std::lock_guard lock(mutex_);
  return frames_.size();
}

std::int64_t LiveQueue::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace visema::media
