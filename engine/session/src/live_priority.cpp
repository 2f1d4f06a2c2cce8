#include "live_priority.h"

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <ctime>
#include <utility>

namespace visema::session {
namespace {

constexpr double kSmoothing = 1.0 / 16;  // of a picture's share, for each picture

ThreadPriority wanted_of(LivePriority wanted) {
  const bool raises =
      wanted == LivePriority::kRealTime || (wanted == LivePriority::kAuto && !was_put_back());
  return raises ? ThreadPriority::kRealTime : ThreadPriority::kNormal;
}

/// What must be on time goes first: sound, speech and encoders before pictures.
void yield_to_others() {
#ifdef __linux__
  constexpr int kNicer = 2;
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNicer);
#endif
}

}  // namespace

LiveDuration processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::duration_cast<LiveDuration>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

LivePriorities::LivePriorities(LivePriority wanted, LiveDuration frame_time, RealTimeShare& share)
    : wanted_(wanted_of(wanted)), frame_time_(frame_time), share_(share) {}

LivePriorities::~LivePriorities() {
  share_.give_back(this);
}

void LivePriorities::keep_time() {
  const GrantedPriority got = prioritise_this_thread(wanted_, ThreadRank::kFirst);
  if (wanted_ == ThreadPriority::kNormal) return;
  const std::lock_guard lock(mutex_);
  granted_.sound = name_of(got.priority);
  if (!got.refusal.empty()) granted_.refusal = got.refusal;
}

void LivePriorities::paint(LiveDuration typical) {
  taken_ = std::chrono::duration<double>(typical) / frame_time_;
  const bool room = wanted_ == ThreadPriority::kRealTime && share_.take(this, taken_);
  apply(room ? wanted_ : ThreadPriority::kNormal);
}

void LivePriorities::painted(LiveDuration processor_time) {
  if (wanted_ == ThreadPriority::kNormal || refused_) return;
  taken_ += kSmoothing * (std::chrono::duration<double>(processor_time) / frame_time_ - taken_);
  const ThreadPriority fits =
      share_.take(this, taken_) ? ThreadPriority::kRealTime : ThreadPriority::kNormal;
  if (fits != asked_) apply(fits);
}

void LivePriorities::apply(ThreadPriority wanted) {
  asked_ = wanted;
  const GrantedPriority got = prioritise_this_thread(wanted, ThreadRank::kSecond);
  if (got.priority != wanted && wanted == ThreadPriority::kRealTime) {
    refused_ = true;
    share_.give_back(this);
  }
  if (got.priority == ThreadPriority::kNormal && !std::exchange(yielded_, true)) yield_to_others();
  if (wanted_ == ThreadPriority::kNormal) return;
  const std::lock_guard lock(mutex_);
  granted_.pictures = name_of(got.priority);
}

LivePriorities::Granted LivePriorities::granted() const {
  const std::lock_guard lock(mutex_);
  return granted_;
}

}  // namespace visema::session
