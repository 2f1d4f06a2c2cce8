#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "visema/core/error.h"

namespace visema::session {

inline void check_output(const std::error_code& error, const std::filesystem::path& path,
                         const char* what) {
  if (error)
    throw Error(ErrorCode::kOutput, path.string() + ": cannot be " + what + ": " + error.message());
}

/// Bytes of a file that we wrote. Throws Error(kOutput), as do those below.
inline std::uintmax_t size_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  check_output(error, path, "read back");
  return size;
}

/// Was it there?
inline bool remove_file(const std::filesystem::path& path) {
  std::error_code error;
  const bool there = std::filesystem::remove(path, error);
  check_output(error, path, "removed");
  return there;
}

inline void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  check_output(error, to, "put in place");
}

}  // namespace visema::session
