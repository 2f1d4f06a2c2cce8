#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "visema/batch/job_record.h"

namespace visema::batch {

/// Proof that a job was rendered: written before its output gets its name, so that whatever
/// happens after it, the output is known and no ledger is needed to know it.
struct Receipt {
  std::string id;
  std::string out;  // as Job::out
  std::string key;  // as JobRecord::key
  JobResult result;
};

/// Throws Error(kOutput).
void write_receipt(const std::filesystem::path& state_folder, const Receipt& receipt);
/// Nothing when there is none or it cannot be read.
std::optional<Receipt> read_receipt(const std::filesystem::path& state_folder,
                                    const std::string& id);

}  // namespace visema::batch
