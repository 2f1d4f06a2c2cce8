#include "visema/batch/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "visema/core/error.h"

namespace visema::batch {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw Error(ErrorCode::kOutput,
              path.string() + ": cannot be locked: " + std::generic_category().message(errno));
}

int open_lock(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) fail(path);
  return descriptor;
}

bool lock(int descriptor, int operation) {
  while (flock(descriptor, operation) != 0)
    if (errno != EINTR) return false;
  return true;
}

}  // namespace

FileLock FileLock::wait(const std::filesystem::path& path) {
  FileLock result(open_lock(path));
  if (!lock(result.descriptor_, LOCK_EX)) fail(path);
  return result;
}

std::optional<FileLock> FileLock::try_lock(const std::filesystem::path& path) {
  FileLock result(open_lock(path));
  if (lock(result.descriptor_, LOCK_EX | LOCK_NB)) return result;
  if (errno != EWOULDBLOCK) fail(path);
  return std::nullopt;
}

std::optional<FileLock> FileLock::on_existing(const std::filesystem::path& path, Kind kind) {
  const bool shared = kind == Kind::kShared;
  // Network file systems want a descriptor for writing where the lock is exclusive.
  FileLock result(open(path.c_str(), (shared ? O_RDONLY : O_RDWR) | O_CLOEXEC));
  if (result.descriptor_ < 0) return std::nullopt;
  if (!lock(result.descriptor_, shared ? LOCK_SH : LOCK_EX | LOCK_NB)) return std::nullopt;
  return result;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

bool FileLock::is_at(const std::filesystem::path& path) const {
  struct stat held {
  }, named{};
  return fstat(descriptor_, &held) == 0 && stat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace visema::batch
