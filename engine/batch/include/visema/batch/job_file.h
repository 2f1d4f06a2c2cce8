#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "visema/batch/job.h"

namespace visema::batch {

/// Reads a job file: .jsonl (one JSON object a line) or .csv (RFC 4180, names in the first row).
/// Throws one Error(kUsage) with every problem and its line: unknown fields, values that are not
/// allowed, inputs that are not there, ids twice, outputs that two jobs write or a job reads.
std::vector<Job> read_job_file(const std::filesystem::path& path,
                               const std::filesystem::path& out_dir, const JobFormat& format);

/// JSON Schema (2020-12) of one job.
std::string job_schema(const JobFormat& format);

}  // namespace visema::batch
