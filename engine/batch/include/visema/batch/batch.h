#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "visema/batch/job.h"
#include "visema/batch/job_record.h"
#include "visema/batch/shard.h"
#include "visema/core/log.h"
#include "visema/session/facade.h"

namespace visema::batch {

/// Whether one process paints the pictures of all workers: where the networks run on a GPU, always,
/// never.
enum class PainterChoice { kAuto, kOn, kOff };

struct BatchOptions {
  std::filesystem::path jobs;
  std::filesystem::path out_dir;
  Shard shard;
  bool resume = false;
  int workers = 0;  // 0: as many as cores and memory allow
  int retries = 2;  // of a job that failed for a reason that may pass
  bool fail_fast = false;
  double job_minutes = 0;             // a job may take, 0: any
  std::int64_t job_memory_bytes = 0;  // a worker may occupy, 0: any
  std::filesystem::path cache;        // enrolled sources; empty: in the output folder
  std::int64_t cache_bytes = std::int64_t{10} << 30;
  bool evaluate = false;
  std::vector<std::string> requirements;  // that make a video a failed job; they imply evaluate
  std::string on_done;                    // shell command for each job that has ended
  std::vector<std::string> worker;        // command line of a process that serve()s
  PainterChoice painter = PainterChoice::kAuto;
  std::vector<std::string> painter_process;  // command line of one that serve_painter()s
};

/// What a run did; the fields of `--report`.
struct BatchReport {
  JobCounts jobs;               // of this shard, at the end
  std::int64_t verified = 0;    // done before this run
  std::int64_t rendered = 0;    // by this run
  std::int64_t attempts = 0;    // that this run made
  std::int64_t enrolments = 0;  // sources that were not in the cache
  double video_seconds = 0;     // made by this run
  double render_seconds = 0;    // of all workers
  double wall_seconds = 0;      // from the first job to the end
  double prepare_seconds = 0;   // before the first job: reading, hashing, verifying
  int workers = 0;
  int painters = 0;                         // that were started: one, and one for each that died
  session::PaintCounts painted;             // by them, for jobs that were done
  std::int64_t peak_rss_bytes = 0;          // of this process
  std::int64_t peak_worker_rss_bytes = 0;   // of the largest worker, as watched
  std::int64_t peak_painter_rss_bytes = 0;  // the same of painters
  std::vector<JobRecord> failures;
  int on_done_failures = 0;  // commands of --on-done
  bool interrupted = false;

  bool succeeded() const { return jobs.failed + jobs.waiting + jobs.running == 0; }
};

std::string to_json(const BatchReport& report);

/// Renders all jobs of a file that are not done yet, in processes of their own, and keeps the
/// ledger in the output folder. A stop request gives the jobs under way back. Throws Error: kUsage
/// for a bad job file, a ledger that is there without `resume`, or a newer one; kOutput for a
/// folder or disk that cannot be written, or a ledger on which another batch works. Call it from a
/// thread that outlives the call's workers: they die with it. progress counts seconds of sound.
BatchReport run_batch(const BatchOptions& options, const JobFormat& format,
                      const session::Facade& engine, const ProgressSink& progress = {},
                      const LogSink& log = {}, std::stop_token stop = {});

}  // namespace visema::batch
