#pragma once

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace visema {

/// What a full queue does with one more item.
enum class Overflow { kBlock, kDropOldest, kDropNewest };

enum class [[nodiscard]] PushResult{
    kAccepted,
    kDropped,  // the queue is full and drops the newest
    kStopped,  // closed or cancelled
};

struct QueueStatistics {
  std::int64_t accepted = 0;        // items that entered, also those dropped later
  std::int64_t dropped_oldest = 0;  // entered and never left
  std::int64_t dropped_newest = 0;  // never entered
  std::size_t high_water = 0;       // most items at one time
};

/// First in, first out between threads, at most `capacity` items. Any number of producers and
/// consumers; every member may be called from any thread.
template <typename T>
class BoundedQueue {
 public:
  BoundedQueue(std::size_t capacity, Overflow overflow) : capacity_(capacity), overflow_(overflow) {
    assert(capacity > 0);
  }

  /// With kBlock waits for room.
  PushResult push(T item) {
    std::unique_lock lock(mutex_);
    if (overflow_ == Overflow::kBlock)
      has_room_.wait(lock, [this] { return state_ != State::kOpen || items_.size() < capacity_; });
    if (state_ != State::kOpen) return PushResult::kStopped;
    std::optional<T> lost;  // destroyed after the lock
    if (items_.size() == capacity_) {
      if (overflow_ == Overflow::kDropNewest) {
        ++statistics_.dropped_newest;
        return PushResult::kDropped;
      }
      ++statistics_.dropped_oldest;
      lost.emplace(std::move(items_.front()));
      items_.pop_front();
    }
    items_.push_back(std::move(item));
    ++statistics_.accepted;
    statistics_.high_water = std::max(statistics_.high_water, items_.size());
    lock.unlock();
    has_item_.notify_one();
    return PushResult::kAccepted;
  }

  /// Waits for an item. Nothing once the queue is closed and empty, or cancelled.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    has_item_.wait(lock, [this] { return state_ != State::kOpen || !items_.empty(); });
    return take(lock);
  }

  /// Waits at most that long; nothing also when the time is over.
  template <typename Rep, typename Period>
  std::optional<T> pop_for(std::chrono::duration<Rep, Period> timeout) {
    std::unique_lock lock(mutex_);
    has_item_.wait_for(lock, timeout, [this] { return state_ != State::kOpen || !items_.empty(); });
    return take(lock);
  }

  std::optional<T> try_pop() {
    std::unique_lock lock(mutex_);
    return take(lock);
  }

  /// No more items enter; those inside can still be taken.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      if (state_ == State::kOpen) state_ = State::kClosed;
    }
    wake_all();
  }

  /// No more items enter or leave; those inside are destroyed.
  void cancel() {
    std::deque<T> lost;
    {
      const std::lock_guard lock(mutex_);
      state_ = State::kCancelled;
      lost.swap(items_);
    }
    wake_all();
  }

  bool cancelled() const {
    const std::lock_guard lock(mutex_);
    return state_ == State::kCancelled;
  }

  QueueStatistics statistics() const {
    const std::lock_guard lock(mutex_);
    return statistics_;
  }

 private:
  enum class State { kOpen, kClosed, kCancelled };

  std::optional<T> take(std::unique_lock<std::mutex>& lock) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    has_room_.notify_one();
    return item;
  }

  void wake_all() {
    has_room_.notify_all();
    has_item_.notify_all();
  }

  const std::size_t capacity_;
  const Overflow overflow_;
  mutable std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_item_;
  std::deque<T> items_;
  State state_ = State::kOpen;
  QueueStatistics statistics_;
};

}  // namespace visema
