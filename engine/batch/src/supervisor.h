#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "hand_over.h"
#include "messages.h"
#include "painter_post.h"
#include "visema/batch/batch.h"
#include "visema/batch/ledger.h"
#include "worker_process.h"

namespace visema::batch {

/// Gives the jobs that wait in a ledger to worker processes until none waits. One thread.
class Supervisor {
 public:
  struct Tools {
    Ledger& ledger;
    /// Gives the record the key of its inputs as they are now.
    std::function<WorkOrder(JobRecord&)> order_of;
    int lock = -1;         // that workers inherit
    PainterPost* painter;  // null: workers paint
    ProgressSink progress;
    LogSink log;
    std::stop_token stop;
  };
  /// options.workers is at least 1.
  Supervisor(const BatchOptions& options, Tools tools);

  /// Adds what was done to the report.
  void run(BatchReport& report);

 private:
  using Clock = std::chrono::steady_clock;

  struct Slot {
    std::unique_ptr<WorkerProcess> process;
    bool answered = false;  // the process has said something
    std::optional<JobRecord> job;
    Clock::time_point began;
    double part = 0;  // of the job, done
    int over = 0;     // kOverTime, kOverMemory: why it was killed
  };

  bool any_job() const;
  void start_jobs();
  void listen();
  void hear(Slot& slot);
  void take(Slot& slot, const WorkerMessage& message);
  enum class EndedBy { kItself, kSupervisor };
  void lose(Slot& slot, EndedBy by);
  void watch();
  void kill_if_over(Slot& slot);
  void complete(Slot& slot, const JobResult& result);
  void end_badly(Slot& slot, int code, const std::string& error);
  void abandon();
  void hand_over_rest();
  bool show() const;
  void say(LogLevel level, const std::string& text) const;

  const BatchOptions& options_;
  Tools tools_;
  HandOver hand_over_;
  std::vector<Slot> slots_;
  std::map<std::string, int> failures_;  // of jobs that may pass, in this run
  BatchReport* report_ = nullptr;
  Clock::time_point watched_;
  double sound_done_ = 0, sound_total_ = 0;
  int silent_deaths_ = 0;
  bool failed_ = false;
};

}  // namespace visema::batch
