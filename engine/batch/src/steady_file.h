#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace visema::batch {

/// An input that must stay what it was when its job got its key, while it is read.
class SteadyFile {
 public:
  /// Before the first byte is read. An empty SHA-256 is not known and not checked.
  SteadyFile(std::filesystem::path path, std::string sha256);
  /// After the last one. Throws Error(kInputChanged).
  void check() const;

 private:
  struct Identity {
    std::uint64_t device = 0, inode = 0;
    std::int64_t bytes = -1, mtime_ns = 0;
    bool operator==(const Identity&) const = default;
  };
  static Identity identity_of(const std::filesystem::path& path);

  std::filesystem::path path_;
  std::string sha256_;
  Identity before_;
};

}  // namespace visema::batch
