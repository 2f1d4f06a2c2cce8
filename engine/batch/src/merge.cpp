#include <cstdlib>
#include <map>
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

std::string text_of(const Shard& shard) {
  return std::to_string(shard.index) + " of " + std::to_string(shard.count);
}

/// The job file that a shard has last begun with.
struct Plan {
  std::string name;  // empty: it has not begun
  std::int64_t begun_ms = 0;
};

Plan plan_of(const path& file) {
  Ledger ledger(file, Ledger::Open::kExisting);
  return {ledger.fact("plan"), std::atoll(ledger.fact("planned_ms").c_str())};
}

/// Says which shards are missing or have another plan than the newest, which it returns.
std::string find_plan(const path& out_dir, int shards, MergeReport& report) {
  std::map<int, Plan> plans;
  for (int index = 0; index < shards; ++index) {
    const Shard shard{index, shards};
    const path file = out_dir / ledger_name(shard);
    if (std::filesystem::exists(file))
      plans[index] = plan_of(file);
    else
      report.missing_shards.push_back(text_of(shard));
  }
  Plan newest;
  for (const auto& [index, plan] : plans)
    if (!plan.name.empty() && plan.begun_ms >= newest.begun_ms) newest = plan;
  for (const auto& [index, plan] : plans)
    if (plan.name.empty() || plan.name != newest.name)
      report.outdated_shards.push_back(text_of({index, shards}));
  return newest.name;
}

/// Gives a ledger its name. What SQLite kept beside one that was lost must not be taken for its.
void replace(const path& part, const path& ledger) {
  std::error_code error;
  for (const char* suffix : {"-wal", "-shm"})
    std::filesystem::remove(ledger.string() + suffix, error);
  std::filesystem::rename(part, ledger, error);
  if (error) throw Error(ErrorCode::kOutput, ledger.string() + ": " + error.message());
}

}  // namespace

MergeReport merge_ledgers(const path& out_dir) {
  const std::vector<path> files = ledgers_in(out_dir);
  MergeReport report;
  const int shards = shards_of(files.front());
  const std::string plan = find_plan(out_dir, shards, report);

  const std::vector<JobRecord> records = jobs_in(out_dir);
  report.jobs = count(records);
  std::set<std::string> known;
  for (const JobRecord& record : records) {
    known.insert(record.id);
    if (record.state == JobState::kDone && !std::filesystem::exists(out_dir / record.out))
      report.missing_outputs.push_back(record.id);
  }
  if (!plan.empty())
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
  replace(part, merged);
  return report;
}

}  // namespace visema::batch
