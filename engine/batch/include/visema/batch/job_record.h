#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace visema::batch {

enum class JobState { kWaiting, kRunning, kDone, kFailed, kCancelled };

std::string_view name_of(JobState state);

// Why a job failed: an ErrorCode, or one of these.
inline constexpr int kRequirementFails = 6;
inline constexpr int kOverTime = 7;
inline constexpr int kOverMemory = 8;
inline constexpr int kWorkerDied = 9;
inline constexpr int kInputChanged = 10;
inline constexpr int kPainterDied = 11;

/// "input", "output", "over time", ...
std::string_view cause_of(int code);
/// Whether another attempt may end otherwise: the disk, a process that was killed, an input that
/// somebody wrote to.
bool may_pass(int code);

/// What a rendering left behind.
struct JobResult {
  std::string output_sha256;
  std::int64_t output_bytes = 0;
  std::int64_t frames = 0;
  double sound_seconds = 0;   // that were rendered
  double render_seconds = 0;  // from the first byte read to the receipt
  std::string model_version;
  std::string model_sha256;  // of the renderer's weights
  std::string measures;      // JSON, name -> value, of --eval; empty: not evaluated
};

/// All that a ledger knows of a job. Times are milliseconds since 1970, 0: not yet.
struct JobRecord {
  std::string id;
  int line = 0;
  JobState state = JobState::kWaiting;
  int attempts = 0;
  std::string out;   // as Job::out
  std::string face;  // path of the source or avatar
  std::string sound;
  double sound_seconds = 0;  // by the header
  std::string key;           // of inputs, options and networks: another key, another picture
  std::string options_sha256;
  std::string face_sha256;
  std::string sound_sha256;
  std::int64_t started_ms = 0;
  std::int64_t ended_ms = 0;
  int error_code = 0;  // why it failed, 0: it did not
  std::string error;   // the whole chain
  JobResult result;    // when done
};

struct JobCounts {
  std::int64_t waiting = 0, running = 0, done = 0, failed = 0, cancelled = 0;
  std::int64_t total() const { return waiting + running + done + failed + cancelled; }
};

JobCounts count(const std::vector<JobRecord>& records);

}  // namespace visema::batch
