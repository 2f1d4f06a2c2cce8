#pragma once

namespace visema::batch {

// Column order of `job` is that of kJobColumns in ledger_rows.cpp.
inline constexpr const char* kLedgerSchema = R"sql(
CREATE TABLE job (
  id TEXT PRIMARY KEY,
  line INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL,
  out TEXT NOT NULL,
  face TEXT NOT NULL,
  sound TEXT NOT NULL,
  sound_seconds REAL NOT NULL,
  key TEXT NOT NULL,
  options_sha256 TEXT NOT NULL,
  face_sha256 TEXT NOT NULL,
  sound_sha256 TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL,
  error_code INTEGER NOT NULL,
  error TEXT NOT NULL,
  output_sha256 TEXT NOT NULL,
  output_bytes INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  rendered_seconds REAL NOT NULL,
  render_seconds REAL NOT NULL,
  model_version TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  measures TEXT NOT NULL,
  due_ms INTEGER NOT NULL DEFAULT 0,
  handed_over INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX job_by_length ON job (state, sound_seconds DESC, id);
CREATE TABLE attempt (
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (id, number)
) WITHOUT ROWID;
CREATE TABLE input (
  path TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql";

}  // namespace visema::batch
