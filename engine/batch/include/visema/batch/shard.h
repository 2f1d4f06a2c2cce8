#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "visema/batch/job.h"

namespace visema::batch {

/// One of `count` parts of a batch, each the work of another machine.
struct Shard {
  int index = 0;
  int count = 1;
};

/// "3/64": the fourth of 64. Throws Error(kUsage).
Shard parse_shard(std::string_view text);

/// What a scheduler says in the environment: SLURM_ARRAY_TASK_ID with _COUNT, _MIN and _STEP, or
/// JOB_COMPLETION_INDEX (Kubernetes), which needs `count`. A given count (not 0) goes before
/// Slurm's, so that a part of an array keeps its place; task I is then shard I. Nothing without
/// a scheduler. Throws Error(kUsage).
std::optional<Shard> scheduled_shard(int count,
                                     const std::function<const char*(const char*)>& environment);

/// The shard of each job: the longest first, each to the shard with the least sound so far. Depends
/// on ids and lengths alone, not on the order of the jobs.
std::vector<int> assign_shards(const std::vector<Job>& jobs, int count);

/// Ledger of a shard: ledger.sqlite, ledger-3-of-64.sqlite.
std::string ledger_name(const Shard& shard);

}  // namespace visema::batch
