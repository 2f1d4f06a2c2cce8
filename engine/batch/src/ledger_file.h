#pragma once

#include <filesystem>
#include <memory>

#include "sqlite.h"
#include "visema/batch/ledger.h"

namespace visema::batch {

/// As Ledger's constructor.
std::unique_ptr<Database> open_ledger_file(const std::filesystem::path& path, Ledger::Open how,
                                           const LogSink& log);

}  // namespace visema::batch
