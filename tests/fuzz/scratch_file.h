#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace visema::fuzz {

/// A folder in memory where the system has one, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace visema::fuzz
