#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace visema {

/// A file's content, read only, mapped while this lives. Throws Error(kInput).
class FileMapping {
 public:
  FileMapping() = default;
  explicit FileMapping(const std::filesystem::path& path);
  FileMapping(FileMapping&& other) noexcept;
  FileMapping& operator=(FileMapping&& other) noexcept;
  ~FileMapping();
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace visema
