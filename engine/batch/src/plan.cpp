#include "plan.h"

#include <map>
#include <optional>

#include "job_key.h"
#include "paths.h"
#include "proof.h"
#include "visema/batch/wall_clock.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

/// An input that cannot be read now is a matter of its job, which will say so.
JobKey key_or_none(const Job& job, const PlanOptions& options, Ledger& ledger, const LogSink& log) {
  try {
    return key_of(job, options.models(job), options.judgement, ledger);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInput) throw;
    if (log) log(LogLevel::kWarning, job.id + ": " + error.what());
    return {};
  }
}

JobRecord record_of(const Job& job) {
  JobRecord record;
  record.id = job.id;
  record.line = job.line;
  record.out = job.out;
  record.face = job.face();
  record.sound = job.sound();
  record.sound_seconds = job.sound_seconds;
  return record;
}

void set_key(JobRecord& record, const JobKey& key) {
  record.key = key.key;
  record.options_sha256 = key.options_sha256;
  record.face_sha256 = key.face_sha256;
  record.sound_sha256 = key.sound_sha256;
}

/// What the ledger said of the same job stays true as long as nothing has changed.
void remember(JobRecord& record, const JobRecord& before) {
  record.attempts = before.attempts;
  if (before.key != record.key) return;
  record.started_ms = before.started_ms;
  record.ended_ms = before.ended_ms;
  const bool would_fail_again = before.state == JobState::kFailed && !may_pass(before.error_code);
  if (!would_fail_again && before.state != JobState::kCancelled) return;
  record.state = before.state;
  record.error_code = before.error_code;
  record.error = before.error;
}

}  // namespace

void renew_key(JobRecord& record, const Job& job, const PlanOptions& options, Ledger& ledger) {
  const std::string before = record.key;
  set_key(record, key_or_none(job, options, ledger, {}));
  if (record.key != before) ledger.set_key(record);
}

std::int64_t plan_jobs(const std::vector<Job>& jobs, const PlanOptions& options, Ledger& ledger,
                       const ProgressSink& progress, const LogSink& log) {
  std::map<std::string, JobRecord> before;
  for (JobRecord& record : ledger.records()) before.emplace(record.id, std::move(record));
  std::vector<JobRecord> records;
  std::vector<std::pair<std::string, JobResult>> adopted;
  std::int64_t verified = 0;
  for (const Job& job : jobs) {
    JobRecord record = record_of(job);
    set_key(record, key_or_none(job, options, ledger, log));
    std::optional<JobRecord> remembered;
    if (auto node = before.extract(job.id)) remembered = std::move(node.mapped());
    if (remembered) remember(record, *remembered);
    const auto proof =
        options.trust_outputs ? proof_of(record, remembered, options.out_dir) : std::nullopt;
    if (!proof) {
      remove_staging(options.out_dir / job.out);
    } else if (remembered && remembered->state == JobState::kDone) {
      record.state = JobState::kDone;
      record.result = *proof;
    } else {
      adopted.emplace_back(record.id, *proof);
    }
    verified += proof ? 1 : 0;
    records.push_back(std::move(record));
    const auto done = static_cast<std::int64_t>(records.size());
    if (progress && !progress("verify", done, static_cast<std::int64_t>(jobs.size())))
      throw Error(ErrorCode::kInterrupted, "interrupted before the first job");
  }
  ledger.put(records);
  for (const auto& [id, result] : adopted) ledger.complete(id, result, now_ms());
  for (const auto& [id, record] : before)
    if (options.sharded || record.state != JobState::kDone) ledger.remove(id);
  ledger.close_open_attempts();
  return verified;
}

}  // namespace visema::batch
