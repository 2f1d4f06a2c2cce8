#pragma once

#include <string>

namespace visema {

/// What a thread runs before.
enum class ThreadPriority {
  kNormal,
  kRaised,    // other threads of its session or control group: by its nice value
  kRealTime,  // every thread that is not real time: SCHED_RR, lowest levels
};

const char* name_of(ThreadPriority priority);

/// Whether someone put the calling thread behind others: nice, chrt --batch or --idle.
bool was_put_back();

/// Among threads of the same priority.
enum class ThreadRank { kFirst, kSecond };

struct GrantedPriority {
  ThreadPriority priority = ThreadPriority::kNormal;
  std::string refusal;  // why it is not what was asked for; empty: it is
};

/// Gives the calling thread the highest priority up to `wanted` that the system grants. Threads
/// that it starts afterwards are normal. Never fails.
GrantedPriority prioritise_this_thread(ThreadPriority wanted, ThreadRank rank);

/// Gives the thread that made it, and destroys it, back what it ran at.
class PriorityScope {
 public:
  PriorityScope();
  ~PriorityScope();
  PriorityScope(const PriorityScope&) = delete;
  PriorityScope& operator=(const PriorityScope&) = delete;

 private:
  int policy_ = 0;
  int level_ = 0;
  int nice_ = 0;
};

}  // namespace visema
