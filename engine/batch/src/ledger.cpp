#include "visema/batch/ledger.h"

#include "ledger_file.h"
#include "ledger_rows.h"
#include "sqlite.h"

namespace visema::batch {
namespace {

/// By then a batch that runs has ended the worker of a job that was cancelled.
constexpr std::int64_t kCancelNoticedMs = 3000;

}  // namespace

struct Ledger::Impl {
  std::unique_ptr<Database> database;

  void end_attempt(const std::string& id, std::string_view result, const std::string& error,
                   std::int64_t now_ms) {
    Statement(*database,
              "UPDATE attempt SET ended_ms = ?2, result = ?3, error = ?4 WHERE id = ?1 AND "
              "number = (SELECT max(number) FROM attempt WHERE id = ?1)")
        .bind(1, id)
        .bind(2, now_ms)
        .bind(3, result)
        .bind(4, error)
        .run();
  }
};

Ledger::Ledger(const std::filesystem::path& path, Open how, const LogSink& log)
    : impl_(std::make_unique<Impl>(Impl{open_ledger_file(path, how, log)})) {}
Ledger::~Ledger() = default;
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;

std::vector<JobRecord> Ledger::records() {
  Statement rows(*impl_->database,
                 std::string("SELECT ") + kJobColumns + " FROM job ORDER BY line, id");
  std::vector<JobRecord> records;
  while (rows.step()) records.push_back(record_of(rows));
  return records;
}

std::optional<JobRecord> Ledger::find(const std::string& id) {
  Statement row(*impl_->database, std::string("SELECT ") + kJobColumns + " FROM job WHERE id = ?");
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return record_of(row);
}

JobState Ledger::state_of(const std::string& id) {
  Statement row(*impl_->database, "SELECT state FROM job WHERE id = ?");
  row.bind(1, id);
  return row.step() ? state_named(row.text(0)) : JobState::kCancelled;
}

std::vector<Attempt> Ledger::attempts() {
  Statement rows(*impl_->database,
                 "SELECT id, number, started_ms, ended_ms, result, error FROM attempt "
                 "ORDER BY started_ms, id, number");
  std::vector<Attempt> attempts;
  while (rows.step())
    attempts.push_back({rows.text(0), static_cast<int>(rows.integer(1)), rows.integer(2),
                        rows.integer(3), rows.text(4), rows.text(5)});
  return attempts;
}

void Ledger::put(const std::vector<JobRecord>& records) {
  Transaction transaction(*impl_->database);
  Statement statement(*impl_->database,
                      std::string("INSERT OR REPLACE INTO job (") + kJobColumns +
                          ", handed_over) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                          "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, "
                          "coalesce((SELECT handed_over FROM job WHERE id = ?1 AND key = ?9 AND "
                          "?3 IN ('done', 'failed')), 0))");
  for (const JobRecord& record : records) {
    bind(statement, record);
    statement.run();
  }
  transaction.commit();
}

std::optional<JobRecord> Ledger::take(std::int64_t now_ms) {
  Transaction transaction(*impl_->database);
  std::optional<JobRecord> record;
  {
    Statement next(*impl_->database, std::string("SELECT ") + kJobColumns +
                                         " FROM job WHERE state = 'waiting' AND due_ms <= ? "
                                         "ORDER BY sound_seconds DESC, id LIMIT 1");
    next.bind(1, now_ms);
    if (!next.step()) return std::nullopt;
    record = record_of(next);
  }
  record->state = JobState::kRunning;
  ++record->attempts;
  record->started_ms = now_ms;
  Statement(*impl_->database,
            "UPDATE job SET state = 'running', attempts = attempts + 1, started_ms = ?2, ended_ms "
            "= 0, error_code = 0, error = '' WHERE id = ?1")
      .bind(1, record->id)
      .bind(2, now_ms)
      .run();
  Statement(*impl_->database,
            "INSERT INTO attempt (id, number, started_ms) VALUES (?1, 1 + coalesce((SELECT "
            "max(number) FROM attempt WHERE id = ?1), 0), ?2)")
      .bind(1, record->id)
      .bind(2, now_ms)
      .run();
  transaction.commit();
  return record;
}

std::optional<std::int64_t> Ledger::next_due_ms() {
  Statement row(*impl_->database,
                "SELECT due_ms FROM job WHERE state = 'waiting' ORDER BY due_ms LIMIT 1");
  if (!row.step()) return std::nullopt;
  return row.integer(0);
}

void Ledger::set_key(const JobRecord& record) {
  Statement(*impl_->database,
            "UPDATE job SET key = ?2, options_sha256 = ?3, face_sha256 = ?4, sound_sha256 = ?5 "
            "WHERE id = ?1")
      .bind(1, record.id)
      .bind(2, record.key)
      .bind(3, record.options_sha256)
      .bind(4, record.face_sha256)
      .bind(5, record.sound_sha256)
      .run();
}

void Ledger::complete(const std::string& id, const JobResult& result, std::int64_t now_ms) {
  Transaction transaction(*impl_->database);
  Statement(*impl_->database,
            "UPDATE job SET state = 'done', ended_ms = ?2, output_sha256 = ?3, output_bytes = ?4, "
            "frames = ?5, rendered_seconds = ?6, render_seconds = ?7, model_version = ?8, "
            "model_sha256 = ?9, measures = ?10, handed_over = 0 WHERE id = ?1")
      .bind(1, id)
      .bind(2, now_ms)
      .bind(3, result.output_sha256)
      .bind(4, result.output_bytes)
      .bind(5, result.frames)
      .bind(6, result.sound_seconds)
      .bind(7, result.render_seconds)
      .bind(8, result.model_version)
      .bind(9, result.model_sha256)
      .bind(10, result.measures)
      .run();
  impl_->end_attempt(id, "done", "", now_ms);
  transaction.commit();
}

void Ledger::fail(const std::string& id, int code, const std::string& error, std::int64_t now_ms) {
  Transaction transaction(*impl_->database);
  Statement(*impl_->database,
            "UPDATE job SET state = 'failed', ended_ms = ?2, error_code = ?3, error = ?4, "
            "handed_over = 0 WHERE id = ?1")
      .bind(1, id)
      .bind(2, now_ms)
      .bind(3, std::int64_t{code})
      .bind(4, error)
      .run();
  impl_->end_attempt(id, "failed", error, now_ms);
  transaction.commit();
}

void Ledger::retry_later(const std::string& id, int code, const std::string& error,
                         std::int64_t now_ms, std::int64_t due_ms) {
  Transaction transaction(*impl_->database);
  Statement(*impl_->database,
            "UPDATE job SET state = 'waiting', due_ms = ?2, error_code = ?3, error = ?4 WHERE id = "
            "?1 AND state = 'running'")
      .bind(1, id)
      .bind(2, due_ms)
      .bind(3, std::int64_t{code})
      .bind(4, error)
      .run();
  impl_->end_attempt(id, "failed", error, now_ms);
  transaction.commit();
}

void Ledger::give_back(const std::string& id, std::int64_t now_ms) {
  Transaction transaction(*impl_->database);
  Statement(*impl_->database,
            "UPDATE job SET state = 'waiting' WHERE id = ?1 AND state = 'running'")
      .bind(1, id)
      .run();
  impl_->end_attempt(id, "interrupted", "", now_ms);
  transaction.commit();
}

bool Ledger::retry(const std::string& id, std::int64_t now_ms) {
  Statement(
      *impl_->database,
      "UPDATE job SET state = 'waiting', due_ms = iif(state = 'failed', 0, ?2), error_code = 0, "
      "error = '' WHERE id = ?1 AND state IN ('failed', 'cancelled')")
      .bind(1, id)
      .bind(2, now_ms + kCancelNoticedMs)
      .run();
  return impl_->database->changes() > 0;
}

bool Ledger::cancel(const std::string& id, const std::string& why) {
  Statement(*impl_->database,
            "UPDATE job SET state = 'cancelled', error = ?2 WHERE id = ?1 AND state IN ('waiting', "
            "'running')")
      .bind(1, id)
      .bind(2, why)
      .run();
  return impl_->database->changes() > 0;
}

void Ledger::remove(const std::string& id) {
  Statement(*impl_->database, "DELETE FROM job WHERE id = ?").bind(1, id).run();
}

void Ledger::close_open_attempts() {
  impl_->database->execute("UPDATE attempt SET result = 'died' WHERE result = ''");
}

std::vector<std::string> Ledger::not_handed_over() {
  Statement rows(
      *impl_->database,
      "SELECT id FROM job WHERE state IN ('done', 'failed') AND handed_over = 0 ORDER BY "
      "ended_ms");
  std::vector<std::string> ids;
  while (rows.step()) ids.push_back(rows.text(0));
  return ids;
}

void Ledger::set_handed_over(const std::string& id) {
  Statement(*impl_->database, "UPDATE job SET handed_over = 1 WHERE id = ?").bind(1, id).run();
}

std::string Ledger::known_hash(const std::string& path, std::int64_t bytes, std::int64_t mtime_ns) {
  Statement row(*impl_->database,
                "SELECT sha256 FROM input WHERE path = ? AND bytes = ? AND mtime_ns = ?");
  row.bind(1, path).bind(2, bytes).bind(3, mtime_ns);
  return row.step() ? row.text(0) : "";
}

void Ledger::remember_hash(const std::string& path, std::int64_t bytes, std::int64_t mtime_ns,
                           const std::string& sha256) {
  Statement(*impl_->database,
            "INSERT OR REPLACE INTO input (path, bytes, mtime_ns, sha256) VALUES (?, ?, ?, ?)")
      .bind(1, path)
      .bind(2, bytes)
      .bind(3, mtime_ns)
      .bind(4, sha256)
      .run();
}

std::string Ledger::fact(const std::string& name) {
  Statement row(*impl_->database, "SELECT value FROM fact WHERE name = ?");
  row.bind(1, name);
  return row.step() ? row.text(0) : "";
}

void Ledger::set_fact(const std::string& name, const std::string& value) {
  Statement(*impl_->database, "INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)")
      .bind(1, name)
      .bind(2, value)
      .run();
}

}  // namespace visema::batch
