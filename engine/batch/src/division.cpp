#include "division.h"

#include <string>

#include "paths.h"
#include "visema/batch/file_lock.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

using std::filesystem::path;

[[noreturn]] void refuse(const path& out_dir, const std::string& ledger, const Shard& shard) {
  throw Error(ErrorCode::kUsage, out_dir.string() + ": " + ledger +
                                     " is there: the number of shards must stay the same, not " +
                                     std::to_string(shard.count));
}

/// What `visema batch merge` joined is of the shards that it names.
bool joins(const path& ledger, const Shard& shard) {
  return Ledger(ledger, Ledger::Open::kExisting).fact("shards") == std::to_string(shard.count);
}

void refuse_other_division(const path& out_dir, const Shard& shard) {
  const std::string suffix = "-of-" + std::to_string(shard.count) + ".sqlite";
  for (const auto& entry : std::filesystem::directory_iterator(out_dir)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("ledger-") && name.ends_with(".sqlite") && !name.ends_with(suffix))
      refuse(out_dir, name, shard);
  }
  const std::string whole = ledger_name({});
  if (shard.count > 1 && std::filesystem::exists(out_dir / whole) && !joins(out_dir / whole, shard))
    refuse(out_dir, whole, shard);
}

}  // namespace

Ledger open_ledger_of(const path& out_dir, const Shard& shard, bool resume, const LogSink& log) {
  const FileLock alone = FileLock::wait(state_folder(out_dir) / "division.lock");
  refuse_other_division(out_dir, shard);
  const path file = out_dir / ledger_name(shard);
  if (std::filesystem::exists(file) && !resume)
    throw Error(ErrorCode::kUsage, file.string() +
                                       ": is there from an earlier run: --resume goes on with it, "
                                       "another --out-dir begins anew");
  return {file, Ledger::Open::kOrNew, log};
}

}  // namespace visema::batch
