#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "visema/core/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace visema::batch {

/// A file that is no database, or one whose pages do not hold together.
class DamagedDatabase : public Error {
 public:
  explicit DamagedDatabase(const std::string& what)
      : Error(ErrorCode::kInput, what + ": the ledger is damaged") {}
};

class Database;

/// One prepared statement. Values are bound from 1 and read from 0.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, double value);
  Statement& bind(int place, std::string_view value);
  /// Whether there is a row.
  bool step();
  /// Runs it to its end and makes it ready for other values.
  void run();

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;

 private:
  void check(int code) const;

  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

enum class DatabaseAccess { kExisting, kNew };

/// An SQLite file in WAL mode whose commits reach the disk before they return.
/// Throws Error that names the file, DamagedDatabase when its content cannot be read.
/// One thread at a time.
class Database {
 public:
  Database(const std::filesystem::path& path, DatabaseAccess access);

  void execute(const char* sql);
  /// Rows that the last statement changed.
  std::int64_t changes() const;
  std::int64_t integer(std::string_view sql);
  [[noreturn]] void fail(int code) const;
  sqlite3* handle() const { return handle_.get(); }

 private:
  std::filesystem::path path_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_;
};

/// Takes back what was done in its life unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace visema::batch
