#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "visema/batch/job.h"
#include "visema/batch/ledger.h"

namespace visema::batch {

struct PlanOptions {
  std::filesystem::path out_dir;
  std::function<std::string(const Job&)> models;  // SHA-256 of the networks of a job
  std::string judgement;                          // how outputs are evaluated
  bool trust_outputs = false;                     // what is there may be finished work (--resume)
  bool sharded = false;  // a job that is not among these is another shard's
};

/// Decides which jobs are due and writes all of them into the ledger. Done ones are verified;
/// failed ones that would fail again and cancelled ones stay as they are; half-written outputs are
/// removed, and so are jobs that are not among these, but for done ones where there are no shards.
/// Returns how many were done before.
std::int64_t plan_jobs(const std::vector<Job>& jobs, const PlanOptions& options, Ledger& ledger,
                       const ProgressSink& progress, const LogSink& log);

/// The key of the inputs as they are now, which may have changed since the job was planned.
void renew_key(JobRecord& record, const Job& job, const PlanOptions& options, Ledger& ledger);

}  // namespace visema::batch
