#include "steady_file.h"

#include <sys/stat.h>

#include <utility>

#include "visema/batch/job_record.h"
#include "visema/core/error.h"
#include "visema/core/sha256.h"

namespace visema::batch {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

SteadyFile::SteadyFile(std::filesystem::path path, std::string sha256)
    : path_(std::move(path)), sha256_(std::move(sha256)), before_(identity_of(path_)) {}

SteadyFile::Identity SteadyFile::identity_of(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size,
          status.st_mtim.tv_sec * kSecondNs + status.st_mtim.tv_nsec};
}

void SteadyFile::check() const {
  if (sha256_.empty()) return;
  // The hash alone would not see a file that was changed and changed back.
  if (identity_of(path_) == before_ && sha256_hex_of_file(path_) == sha256_) return;
  throw Error(static_cast<ErrorCode>(kInputChanged),
              path_.string() + ": was changed while its job was under way");
}

}  // namespace visema::batch
