#include "part_file.h"

#include <string>
#include <system_error>

#include "visema/core/error.h"
#include "visema/core/output_file.h"

namespace visema::media {

PartFile::PartFile(const std::filesystem::path& path) : path_(path), part_(path) {
  part_.replace_filename(path.stem().string() + ".part" + path.extension().string());
  std::error_code error;
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (!std::filesystem::is_directory(folder, error))
    throw Error(ErrorCode::kOutput,
                path.string() + ": cannot be written: there is no folder " + folder.string());
  if (std::filesystem::is_directory(path, error))
    throw Error(ErrorCode::kOutput, path.string() + ": cannot be written: is a folder");
  if (is_device_or_pipe(path))
    throw Error(ErrorCode::kOutput,
                path.string() + ": cannot be written: is a device or a pipe, not a file");
}

PartFile::~PartFile() {
  if (kept_) return;
  std::error_code error;
  std::filesystem::remove(part_, error);
}

void PartFile::commit() {
  std::error_code error;
  std::filesystem::rename(part_, path_, error);
  if (error)
    throw Error(ErrorCode::kOutput, path_.string() + ": cannot be written: " + error.message());
  kept_ = true;
}

void PartFile::rescue_leftover() const {
  std::error_code error;
  if (!std::filesystem::exists(part_, error) || std::filesystem::is_empty(part_, error)) return;
  std::filesystem::path free = path_;
  for (int number = 1; number == 1 || std::filesystem::exists(free, error); ++number)
    free.replace_filename(path_.stem().string() + "." + std::to_string(number) +
                          path_.extension().string());
  std::filesystem::rename(part_, free, error);
  if (error)
    throw Error(ErrorCode::kOutput,
                part_.string() + ": left by an earlier run, cannot be renamed: " + error.message());
}

}  // namespace visema::media
