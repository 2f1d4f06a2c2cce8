#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "program.h"
#include "visema/batch/ledger.h"

namespace visema::batch {

/// Real batches of very short sounds. The picture is the demo's.
class BatchTest : public cli::ProgramTest {
 protected:
  void SetUp() override;

  /// A sound of that length; `name` also chooses its pitch.
  void write_sound(const std::string& name, double seconds) const;
  /// A job file of jobs j0, j1, ... that speak different short sounds.
  void write_jobs(int count) const;
  /// One line of a job file.
  static std::string job_line(const std::string& id, const std::string& more = "");

  std::filesystem::path out() const { return folder_ / "out"; }
  /// `visema batch jobs.jsonl --out-dir out` and more.
  std::vector<std::string> command(std::vector<std::string> more = {}) const;
  cli::Finished batch(std::vector<std::string> more = {}) const;

  std::vector<JobRecord> jobs() const;
  JobRecord job(const std::string& id) const;
  /// Waits until a process of the batch ("batch-worker") is there. 0: after five minutes none was.
  int process(const std::string& command) const;
  /// All of them that are there now.
  std::vector<int> processes(const std::string& command) const;

  /// How many attempts at a job ended that way.
  int attempts(const std::string& id, const std::string& result) const;
  /// Every job is done, exactly once, and its video is whole and has the hash that was noted; no
  /// half-written file is left.
  void expect_all_done_once(int count) const;
};

}  // namespace visema::batch
