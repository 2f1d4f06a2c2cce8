#pragma once

#include <filesystem>

#include "visema/batch/ledger.h"
#include "visema/batch/shard.h"

namespace visema::batch {

/// Opens the ledger of a shard, or begins it. Ledgers of another division of the same folder would
/// divide the same jobs otherwise, so looking for them and beginning one's own is one step, which
/// one process of any machine does at a time. Throws Error(kUsage) where there are such, or the
/// shard's own from an earlier run, when it is not to be gone on with.
Ledger open_ledger_of(const std::filesystem::path& out_dir, const Shard& shard, bool resume,
                      const LogSink& log);

}  // namespace visema::batch
