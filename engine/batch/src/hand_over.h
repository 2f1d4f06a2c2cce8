#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "visema/batch/ledger.h"
#include "visema/core/log.h"

namespace visema::batch {

/// Runs --on-done for jobs that are done or have failed, a few at a time. A job counts as handed
/// over when the command has succeeded, so after a crash a command may run for a second time.
/// Destruction ends the commands that run, and what they have started.
class HandOver {
 public:
  HandOver(std::string command, std::filesystem::path out_dir, int at_once);
  ~HandOver();
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  /// Notes what has ended and starts what may run.
  void advance(Ledger& ledger, const LogSink& log);
  /// Notes what has ended.
  void reap(Ledger& ledger, const LogSink& log);
  bool busy() const { return !running_.empty(); }
  /// Commands that have failed; they are not tried again in this run.
  int failures() const { return static_cast<int>(failed_.size()); }

 private:
  void start(const JobRecord& record, const LogSink& log);

  const std::string command_;
  const std::filesystem::path out_dir_;
  const int at_once_;
  std::map<int, std::string> running_;  // process, of a group of its own -> job
  std::map<std::string, int> failed_;   // job -> wait status
};

}  // namespace visema::batch
