#include "sqlite.h"

#include <sqlite3.h>

#include "visema/core/error.h"

namespace visema::batch {
namespace {

constexpr int kPatienceMs = 30'000;  // for another process to end its transaction

sqlite3* open(const std::filesystem::path& path, DatabaseAccess access) {
  sqlite3* handle = nullptr;
  const bool fresh = access == DatabaseAccess::kNew;
  const int flags = SQLITE_OPEN_READWRITE | (fresh ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (code == SQLITE_OK) return handle;
  const std::string why = handle != nullptr ? sqlite3_errmsg(handle) : "out of memory";
  sqlite3_close(handle);
  throw Error(fresh ? ErrorCode::kOutput : ErrorCode::kInput,
              path.string() + ": the ledger cannot be opened: " + why);
}

}  // namespace

Database::Database(const std::filesystem::path& path, DatabaseAccess access)
    : path_(path), handle_(open(path, access), &sqlite3_close) {
  sqlite3_busy_timeout(handle(), kPatienceMs);
  if (access == DatabaseAccess::kNew) execute("PRAGMA journal_mode = WAL");
  // In WAL mode only FULL keeps the last commits when the power fails.
  execute("PRAGMA synchronous = FULL");
  execute("PRAGMA foreign_keys = ON");
}

void Database::fail(int code) const {
  const std::string why = path_.string() + ": " + sqlite3_errmsg(handle());
  const int kind = code & 0xFF;
  if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) throw DamagedDatabase(why);
  throw Error(ErrorCode::kOutput, why + " (ledger)");
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle());
}

std::int64_t Database::integer(std::string_view sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  check(sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement_,
                           nullptr));
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_.fail(code);
}

Statement& Statement::bind(int place, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, place, value));
  return *this;
}

Statement& Statement::bind(int place, double value) {
  check(sqlite3_bind_double(statement_, place, value));
  return *this;
}

Statement& Statement::bind(int place, std::string_view value) {
  check(sqlite3_bind_text(statement_, place, value.data(), static_cast<int>(value.size()),
                          SQLITE_TRANSIENT));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail(code);
  return false;
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(size));
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const std::exception&) {
    // SQLite itself has already rolled back after a full disk.
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace visema::batch
