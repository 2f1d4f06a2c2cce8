#include "visema/pipeline/thread_priority.h"

#ifdef __linux__
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace visema {

const char* name_of(ThreadPriority priority) {
  switch (priority) {
    case ThreadPriority::kNormal:
      return "normal";
    case ThreadPriority::kRaised:
      return "raised";
    case ThreadPriority::kRealTime:
      return "realtime";
  }
  return "";
}

#ifdef __linux__
namespace {

// Below the kernel's own threads and sound servers, which take 10 and more.
constexpr int kFirstLevel = 2;
constexpr int kSecondLevel = 1;
constexpr int kFirstNice = -10;
constexpr int kSecondNice = -8;

id_t this_thread() {
  return static_cast<id_t>(gettid());
}

bool set_policy(int policy, int level) {
  const sched_param parameters{level};
  return sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &parameters) == 0;
}

int policy_now() {
  return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
}

int nice_now() {
  return getpriority(PRIO_PROCESS, this_thread());
}

bool set_nice(int nice) {
  return setpriority(PRIO_PROCESS, this_thread(), nice) == 0;
}

std::string last_error() {
  return std::generic_category().message(errno);
}

/// The lowest nice value that RLIMIT_NICE allows.
int lowest_nice() {
  constexpr int kZeroOfLimit = 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_NICE, &limit) != 0) return 0;
  return kZeroOfLimit - static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 2 * kZeroOfLimit));
}

/// The nice value, or the lowest that is allowed if that is lower than now.
bool raise(int nice) {
  const int now = nice_now();
  if (now <= nice || set_nice(nice)) return true;
  const int error = errno;
  const int allowed = std::max(nice, lowest_nice());
  if (allowed < now && set_nice(allowed)) return true;
  errno = error;
  return false;
}

}  // namespace

bool was_put_back() {
  const int policy = policy_now();
  return policy == SCHED_BATCH || policy == SCHED_IDLE || nice_now() > 0;
}

GrantedPriority prioritise_this_thread(ThreadPriority wanted, ThreadRank rank) {
  const bool first = rank == ThreadRank::kFirst;
  std::string refusal;
  if (wanted == ThreadPriority::kRealTime) {
    // Where the limit is the lower level, both share it.
    if (set_policy(SCHED_RR, first ? kFirstLevel : kSecondLevel) ||
        set_policy(SCHED_RR, kSecondLevel))
      return {ThreadPriority::kRealTime, {}};
    refusal = "real time: " + last_error();
  }
  if (policy_now() != SCHED_OTHER) set_policy(SCHED_OTHER, 0);
  if (wanted == ThreadPriority::kNormal) return {};
  if (raise(first ? kFirstNice : kSecondNice)) {
    set_policy(SCHED_OTHER, 0);
    return {ThreadPriority::kRaised, refusal};
  }
  return {ThreadPriority::kNormal,
          refusal + (refusal.empty() ? "" : ", ") + "nice value: " + last_error()};
}

PriorityScope::PriorityScope() : policy_(sched_getscheduler(0)) {
  sched_param parameters{};
  sched_getparam(0, &parameters);
  level_ = parameters.sched_priority;
  nice_ = nice_now();
}

PriorityScope::~PriorityScope() {
  const sched_param parameters{level_};
  // Without rights SCHED_RESET_ON_FORK stays, which then changes nothing.
  if (sched_setscheduler(0, policy_, &parameters) != 0)
    sched_setscheduler(0, policy_ | SCHED_RESET_ON_FORK, &parameters);
  set_nice(nice_);
}

#else

bool was_put_back() {
  return false;
}

GrantedPriority prioritise_this_thread(ThreadPriority wanted, ThreadRank) {
  if (wanted == ThreadPriority::kNormal) return {};
  return {ThreadPriority::kNormal, "unknown on this system"};
}

PriorityScope::PriorityScope() = default;
PriorityScope::~PriorityScope() = default;

#endif

}  // namespace visema
