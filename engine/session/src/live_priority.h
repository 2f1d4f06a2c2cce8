#pragma once

#include <mutex>
#include <string>

#include "live_clock.h"
#include "real_time_share.h"
#include "visema/pipeline/thread_priority.h"
#include "visema/session/live.h"

namespace visema::session {

/// Puts the threads of a live run before the other work of the machine, as far as the system lets
/// it. Those that keep time do little and run in real time; those that paint do so too while all of
/// this process's take no more than their share.
class LivePriorities {
 public:
  /// The share must outlive it.
  LivePriorities(LivePriority wanted, LiveDuration frame_time,
                 RealTimeShare& share = RealTimeShare::of_this_process());
  ~LivePriorities();
  LivePriorities(const LivePriorities&) = delete;
  LivePriorities& operator=(const LivePriorities&) = delete;

  /// The calling thread passes sound or frames on.
  void keep_time();
  /// The calling thread paints pictures, which take so much processor time each.
  void paint(LiveDuration typical);
  /// It has painted one.
  void painted(LiveDuration processor_time);

  struct Granted {
    std::string sound;  // name_of(ThreadPriority); empty: not asked for yet, or not at all
    std::string pictures;
    std::string refusal;  // why it is not real time; empty: it is, or was not asked for
  };
  /// Any thread.
  Granted granted() const;

 private:
  void apply(ThreadPriority wanted);

  const ThreadPriority wanted_;
  const LiveDuration frame_time_;
  RealTimeShare& share_;
  // Of the thread that paints:
  double taken_ = 0;      // of a core
  bool refused_ = false;  // real time, by the system
  bool yielded_ = false;
  ThreadPriority asked_ = ThreadPriority::kNormal;

  mutable std::mutex mutex_;
  Granted granted_;
};

/// What the calling thread has used.
LiveDuration processor_time();

}  // namespace visema::session
