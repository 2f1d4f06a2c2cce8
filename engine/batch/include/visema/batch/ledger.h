#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "visema/batch/job_record.h"
#include "visema/core/log.h"

namespace visema::batch {

inline constexpr int kLedgerVersion = 1;

/// A try at a job that has ended.
struct Attempt {
  std::string id;
  int number = 0;
  std::int64_t started_ms = 0;
  std::int64_t ended_ms = 0;  // 0: the process died
  std::string result;         // done, failed, interrupted, died; empty: not ended
  std::string error;
};

/// The state of every job in one SQLite file. Each change is on the disk when the call returns.
/// One thread at a time; several processes may have it open. Throws Error(kOutput) when the disk
/// refuses.
class Ledger {
 public:
  enum class Open { kExisting, kOrNew };

  /// Throws Error(kUsage) for a ledger of a newer version, Error(kInput) for one that is not there.
  /// A damaged one is put aside as NAME.damaged-N with a warning, and a new one begun (kOrNew), or
  /// Error(kInput) is thrown.
  Ledger(const std::filesystem::path& path, Open open, const LogSink& log = {});
  ~Ledger();
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;

  /// By line of the job file.
  std::vector<JobRecord> records();
  std::optional<JobRecord> find(const std::string& id);
  JobState state_of(const std::string& id);
  std::vector<Attempt> attempts();

  /// Writes all of them in one transaction; jobs with the same id are replaced.
  void put(const std::vector<JobRecord>& records);

  /// The longest job that waits and whose time has come is running from now on.
  std::optional<JobRecord> take(std::int64_t now_ms);
  /// When the next job that waits may be taken; nothing when none waits.
  std::optional<std::int64_t> next_due_ms();
  /// The record's key and hashes, of a job whose inputs have changed.
  void set_key(const JobRecord& record);
  void complete(const std::string& id, const JobResult& result, std::int64_t now_ms);
  void fail(const std::string& id, int code, const std::string& error, std::int64_t now_ms);
  /// Waits again, not before `due_ms`.
  void retry_later(const std::string& id, int code, const std::string& error, std::int64_t now_ms,
                   std::int64_t due_ms);
  /// Waits again, for nothing that the job did.
  void give_back(const std::string& id, std::int64_t now_ms);

  /// A failed or cancelled job waits again. False when it is neither.
  bool retry(const std::string& id, std::int64_t now_ms);
  /// A job that waits or runs is not wanted any more. False when it does neither.
  bool cancel(const std::string& id, const std::string& why = "");
  void remove(const std::string& id);
  /// Attempts that no process will end any more.
  void close_open_attempts();

  /// Done and failed jobs whose --on-done has not succeeded yet.
  std::vector<std::string> not_handed_over();
  void set_handed_over(const std::string& id);

  /// SHA-256 that a file of this size and time had when it was last read; empty: not known.
  std::string known_hash(const std::string& path, std::int64_t bytes, std::int64_t mtime_ns);
  void remember_hash(const std::string& path, std::int64_t bytes, std::int64_t mtime_ns,
                     const std::string& sha256);

  /// Facts about the whole, such as the shard; empty: not set.
  std::string fact(const std::string& name);
  void set_fact(const std::string& name, const std::string& value);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace visema::batch
