#include "ledger_rows.h"

namespace visema::batch {

const char* const kJobColumns =
    "id, line, state, attempts, out, face, sound, sound_seconds, key, options_sha256, face_sha256, "
    "sound_sha256, started_ms, ended_ms, error_code, error, output_sha256, output_bytes, frames, "
    "rendered_seconds, render_seconds, model_version, model_sha256, measures";

JobState state_named(const std::string& name) {
  for (const JobState state :
       {JobState::kRunning, JobState::kDone, JobState::kFailed, JobState::kCancelled})
    if (name == name_of(state)) return state;
  return JobState::kWaiting;
}

JobRecord record_of(const Statement& row) {
  JobRecord record;
  record.id = row.text(0);
  record.line = static_cast<int>(row.integer(1));
  record.state = state_named(row.text(2));
  record.attempts = static_cast<int>(row.integer(3));
  record.out = row.text(4);
  record.face = row.text(5);
  record.sound = row.text(6);
  record.sound_seconds = row.real(7);
  record.key = row.text(8);
  record.options_sha256 = row.text(9);
  record.face_sha256 = row.text(10);
  record.sound_sha256 = row.text(11);
  record.started_ms = row.integer(12);
  record.ended_ms = row.integer(13);
  record.error_code = static_cast<int>(row.integer(14));
  record.error = row.text(15);
  record.result = {row.text(16), row.integer(17), row.integer(18), row.real(19),
                   row.real(20), row.text(21),    row.text(22),    row.text(23)};
  return record;
}

void bind(Statement& statement, const JobRecord& record) {
  const JobResult& result = record.result;
  statement.bind(1, record.id)
      .bind(2, std::int64_t{record.line})
      .bind(3, name_of(record.state))
      .bind(4, std::int64_t{record.attempts})
      .bind(5, record.out)
      .bind(6, record.face)
      .bind(7, record.sound)
      .bind(8, record.sound_seconds)
      .bind(9, record.key)
      .bind(10, record.options_sha256)
      .bind(11, record.face_sha256)
      .bind(12, record.sound_sha256)
      .bind(13, record.started_ms)
      .bind(14, record.ended_ms)
      .bind(15, std::int64_t{record.error_code})
      .bind(16, record.error)
      .bind(17, result.output_sha256)
      .bind(18, result.output_bytes)
      .bind(19, result.frames)
      .bind(20, result.sound_seconds)
      .bind(21, result.render_seconds)
      .bind(22, result.model_version)
      .bind(23, result.model_sha256)
      .bind(24, result.measures);
}

}  // namespace visema::batch
