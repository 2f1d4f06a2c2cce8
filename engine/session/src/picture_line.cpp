#include "picture_line.h"

namespace visema::session {

PictureLine::PictureLine(std::size_t capacity, Overflow overflow,
                         std::shared_ptr<const Image> before, Alpha alpha)
    : capacity_(capacity),
      overflow_(overflow),
      last_(std::move(before)),
      last_alpha_(std::move(alpha)) {}

void PictureLine::put(FrameIndex index, std::shared_ptr<const Image> picture, Alpha alpha) {
  std::unique_lock lock(mutex_);
  if (overflow_ == Overflow::kWait)
    changed_.wait(lock, [&] { return closed_ || waiting_.size() < capacity_; });
  if (closed_) return;
  if (waiting_.size() == capacity_) {
    waiting_.pop_front();
    ++dropped_;
  }
  waiting_.push_back({index, std::move(picture), std::move(alpha)});
  lock.unlock();
  changed_.notify_all();
}

void PictureLine::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

void PictureLine::clear() {
  {
    const std::lock_guard lock(mutex_);
    dropped_ += static_cast<std::int64_t>(waiting_.size());
    waiting_.clear();
  }
  changed_.notify_all();
}

PictureLine::Shown PictureLine::take(FrameIndex index, std::optional<LiveTime> deadline) {
  std::unique_lock lock(mutex_);
  const auto known = [&] {
    return closed_ || (!waiting_.empty() && waiting_.back().index >= index);
  };
  if (deadline)
    changed_.wait_until(lock, *deadline, known);
  else
    changed_.wait(lock, known);
  FrameIndex shown = -1;
  while (!waiting_.empty() && waiting_.front().index <= index) {
    if (shown >= 0) ++dropped_;
    shown = last_index_ = waiting_.front().index;
    last_ = std::move(waiting_.front().picture);
    last_alpha_ = std::move(waiting_.front().alpha);
    waiting_.pop_front();
  }
  Shown result{last_, last_index_, shown >= 0 && shown != index, shown < 0, last_alpha_};
  lock.unlock();
  changed_.notify_all();
  return result;
}

std::size_t PictureLine::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::int64_t PictureLine::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace visema::session
