#include "ledger_file.h"

#include "ledger_schema.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

constexpr std::int64_t kApplication = 0x56534D42;  // "VSMB"

void check(Database& database, const std::filesystem::path& path) {
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version > kLedgerVersion)
    throw Error(ErrorCode::kUsage, path.string() + ": ledger of version " +
                                       std::to_string(version) + ": this program knows " +
                                       std::to_string(kLedgerVersion) +
                                       "; use the newer visema that wrote it");
  if (version < kLedgerVersion || database.integer("PRAGMA application_id") != kApplication)
    throw DamagedDatabase(path.string() + ": a database, but no ledger");
}

/// Every page, which takes as long as reading them: for who goes on with the ledger, not for who
/// looks at it.
void check_pages(Database& database, const std::filesystem::path& path) {
  Statement check(database, "PRAGMA quick_check(1)");
  if (!check.step() || check.text(0) != "ok")
    throw DamagedDatabase(path.string() + ": " + check.text(0));
}

std::unique_ptr<Database> open(const std::filesystem::path& path, Ledger::Open how) {
  auto database = std::make_unique<Database>(path, DatabaseAccess::kExisting);
  check(*database, path);
  if (how == Ledger::Open::kOrNew) check_pages(*database, path);
  return database;
}

/// Under another name until it is whole, so that nobody reads half a ledger.
void begin(const std::filesystem::path& path) {
  const std::string part = path.string() + ".new";
  std::error_code error;
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(part + suffix, error);
  {
    Database database(part, DatabaseAccess::kNew);
    Transaction transaction(database);
    database.execute(kLedgerSchema);
    database.execute(("PRAGMA application_id = " + std::to_string(kApplication)).c_str());
    database.execute(("PRAGMA user_version = " + std::to_string(kLedgerVersion)).c_str());
    transaction.commit();
  }
  // What SQLite kept beside a ledger that was lost must not be taken for the new one's.
  for (const char* suffix : {"-wal", "-shm"})
    std::filesystem::remove(path.string() + suffix, error);
  std::filesystem::rename(part, path, error);
  if (error)
    throw Error(ErrorCode::kOutput, path.string() + ": cannot be written: " + error.message());
}

/// Renames the file and what SQLite keeps beside it.
std::filesystem::path put_aside(const std::filesystem::path& path) {
  for (int number = 1;; ++number) {
    const std::string name = path.string() + ".damaged-" + std::to_string(number);
    std::error_code ignored;
    if (std::filesystem::exists(name, ignored)) continue;
    std::filesystem::rename(path, name, ignored);
    for (const char* suffix : {"-wal", "-shm"})
      std::filesystem::rename(path.string() + suffix, name + suffix, ignored);
    return name;
  }
}

}  // namespace

std::unique_ptr<Database> open_ledger_file(const std::filesystem::path& path, Ledger::Open how,
                                           const LogSink& log) {
  if (how == Ledger::Open::kOrNew && !std::filesystem::exists(path)) begin(path);
  try {
    return open(path, how);
  } catch (const DamagedDatabase& damage) {
    if (how == Ledger::Open::kExisting)
      throw Error(ErrorCode::kInput, std::string(damage.what()) +
                                         "; `visema batch JOBS --resume` "
                                         "builds it anew from the outputs");
    const auto aside = put_aside(path);
    if (log)
      log(LogLevel::kWarning, std::string(damage.what()) + " and kept as " +
                                  aside.filename().string() +
                                  "; it is built anew from the outputs");
    begin(path);
    return open(path, how);
  }
}

}  // namespace visema::batch
