#include <algorithm>
#include <set>

#include "paths.h"
#include "sound_lengths.h"
#include "visema/batch/shard.h"
#include "visema/batch/status.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

using std::filesystem::path;

/// 64 of ledger-3-of-64.sqlite, 1 of ledger.sqlite.
int shards_of(const path& ledger) {
  const std::string name = ledger.stem().string();
  const auto of = name.rfind("-of-");
  return of == std::string::npos ? 1 : std::atoi(name.c_str() + of + 4);
}

}  // namespace

MergeReport merge_ledgers(const path& out_dir) {
  const std::vector<path> files = ledgers_in(out_dir);
  MergeReport report;
  const int shards = shards_of(files.front());
  for (int shard = 0; shard < shards; ++shard)
    if (!std::filesystem::exists(out_dir / ledger_name({shard, shards})))
      report.missing_shards.push_back(std::to_string(shard) + " of " + std::to_string(shards));

  const std::vector<JobRecord> records = jobs_in(out_dir);
  report.jobs = count(records);
  std::set<std::string> known;
  for (const JobRecord& record : records) {
    known.insert(record.id);
    if (record.state == JobState::kDone && !std::filesystem::exists(out_dir / record.out))
      report.missing_outputs.push_back(record.id);
  }
  std::string plan;
  for (const path& file : files) plan = Ledger(file, Ledger::Open::kExisting).fact("plan");
  for (const std::string& id : planned_ids(state_folder(out_dir), plan))
    if (!known.contains(id)) report.missing_jobs.push_back(id);
  if (shards == 1) return report;

  const path merged = out_dir / "ledger.sqlite";
  const path part = out_dir / "ledger.sqlite.part";
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(part.string() + suffix);
  {
    Ledger ledger(part, Ledger::Open::kOrNew);
    ledger.put(records);
    ledger.set_fact("plan", plan);
    ledger.set_fact("shards", std::to_string(shards));
  }
  std::error_code error;
  std::filesystem::rename(part, merged, error);
  if (error) throw Error(ErrorCode::kOutput, merged.string() + ": " + error.message());
  return report;
}

}  // namespace visema::batch
