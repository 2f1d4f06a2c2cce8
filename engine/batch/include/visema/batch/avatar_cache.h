#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "visema/batch/file_lock.h"

namespace visema::batch {

/// Enrolled sources in a folder, by the content that they were made of. Any number of processes and
/// machines may share it: a file is made under a lock and renamed, and none is removed in use.
class AvatarCache {
 public:
  /// Holds at most about `most_bytes`; what was used least recently goes first.
  AvatarCache(std::filesystem::path folder, std::int64_t most_bytes);

  struct Lease {
    std::filesystem::path path;
    FileLock in_use;
    bool was_there = false;
  };
  /// The avatar of that key; `make` writes it to the path that it gets when it is not there yet.
  /// Throws Error(kOutput), and what `make` throws.
  Lease lease(const std::string& key,
              const std::function<void(const std::filesystem::path&)>& make) const;

 private:
  void make_room() const;

  std::filesystem::path folder_;
  std::int64_t most_bytes_;
};

}  // namespace visema::batch
