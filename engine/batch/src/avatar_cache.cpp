#include "visema/batch/avatar_cache.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "durable.h"
#include "visema/core/error.h"

namespace visema::batch {
namespace {

using std::filesystem::path;

constexpr const char* kExtension = ".avatar";
constexpr std::size_t kLockLetters = 2;  // of the key: 256 lock files serve all keys

struct Entry {
  path file;
  std::filesystem::file_time_type used;
  std::int64_t bytes = 0;
};

std::vector<Entry> entries_of(const path& folder) {
  std::vector<Entry> entries;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != kExtension) continue;
    std::error_code gone;
    Entry found{entry.path(), entry.last_write_time(gone), 0};
    found.bytes = static_cast<std::int64_t>(entry.file_size(gone));
    if (!gone) entries.push_back(std::move(found));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.used < b.used; });
  return entries;
}

}  // namespace

AvatarCache::AvatarCache(path folder, std::int64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error)
    throw Error(ErrorCode::kOutput,
                folder_.string() + ": the cache cannot be written: " + error.message());
}

AvatarCache::Lease AvatarCache::lease(const std::string& key,
                                      const std::function<void(const path&)>& make) const {
  const path file = folder_ / (key + kExtension);
  bool was_there = true;
  for (;;) {
    if (auto in_use = FileLock::on_existing(file, FileLock::Kind::kShared);
        in_use && in_use->is_at(file)) {
      futimens(in_use->descriptor(), nullptr);  // used now
      return {file, std::move(*in_use), was_there};
    }
    const FileLock making = FileLock::wait(folder_ / (key.substr(0, kLockLetters) + ".lock"));
    if (std::filesystem::exists(file)) continue;
    was_there = false;
    // What an ended process left of it is written over: the lock says that nobody else is here.
    const path part = folder_ / (key + ".making");
    make(part);
    sync_file(part);
    make_room();
    rename_durably(part, file);
  }
}

void AvatarCache::make_room() const {
  const auto entries = entries_of(folder_);
  std::int64_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.bytes;
  for (const Entry& entry : entries) {
    if (bytes <= most_bytes_) return;
    const auto unused = FileLock::on_existing(entry.file, FileLock::Kind::kExclusive);
    std::error_code error;
    if (unused && unused->is_at(entry.file) && std::filesystem::remove(entry.file, error))
      bytes -= entry.bytes;
  }
}

}  // namespace visema::batch
