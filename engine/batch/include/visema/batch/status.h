#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "visema/batch/ledger.h"

namespace visema::batch {

/// The ledgers of an output folder: those of its shards where it has any, else its one.
/// Throws Error(kInput) when there is none.
std::vector<std::filesystem::path> ledgers_in(const std::filesystem::path& out_dir);

/// The jobs of all of them, by line of the job file.
std::vector<JobRecord> jobs_in(const std::filesystem::path& out_dir);

/// Counts, then a line for each job.
std::string status_table(const std::vector<JobRecord>& records);
std::string status_json(const std::vector<JobRecord>& records);
std::string status_csv(const std::vector<JobRecord>& records);

/// What merge_ledgers() found.
struct MergeReport {
  JobCounts jobs;
  std::vector<std::string> missing_shards;   // "3 of 64"
  std::vector<std::string> outdated_shards;  // that did not begin with the last job file
  std::vector<std::string> missing_jobs;     // of the job file, in no ledger
  std::vector<std::string> missing_outputs;  // of jobs that are done
  bool complete() const {
    return missing_shards.empty() && outdated_shards.empty() && missing_jobs.empty() &&
           missing_outputs.empty() && jobs.failed + jobs.waiting + jobs.running == 0;
  }
};

/// Writes the jobs of all shards into one ledger.sqlite, which replaces an earlier one.
/// Throws Error.
MergeReport merge_ledgers(const std::filesystem::path& out_dir);

}  // namespace visema::batch
