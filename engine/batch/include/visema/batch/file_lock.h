#pragma once

#include <filesystem>
#include <optional>

namespace visema::batch {

/// An advisory lock on an open file (flock), held until destruction or the end of the last process
/// that inherited the descriptor.
class FileLock {
 public:
  enum class Kind { kShared, kExclusive };

  /// Waits for the lock on a file that is made when missing. Throws Error(kOutput).
  static FileLock wait(const std::filesystem::path& path);
  /// Nothing when another holds it. Throws Error(kOutput).
  static std::optional<FileLock> try_lock(const std::filesystem::path& path);
  /// On a file that must be there, nothing when it is not, or, exclusively, when it is in use.
  static std::optional<FileLock> on_existing(const std::filesystem::path& path, Kind kind);

  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

  int descriptor() const { return descriptor_; }
  /// Whether the path still names the locked file.
  bool is_at(const std::filesystem::path& path) const;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace visema::batch
