#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "visema/batch/job_record.h"

namespace visema::batch {

/// What was rendered for this job and is still whole: its receipt, or what the ledger remembers,
/// belongs to the record's key, and the video has the SHA-256 that it says. A video that had only
/// its staging name yet gets its own. Nothing when the job must be rendered.
std::optional<JobResult> proof_of(const JobRecord& record,
                                  const std::optional<JobRecord>& remembered,
                                  const std::filesystem::path& out_dir);

}  // namespace visema::batch
