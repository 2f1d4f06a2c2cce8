#pragma once

#include <filesystem>

namespace visema::media {

/// A file that grows under another name beside its place and is removed unless committed.
class PartFile {
 public:
  /// Throws Error(kOutput) when the folder is missing or `path` is a folder.
  explicit PartFile(const std::filesystem::path& path);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& part() const { return part_; }
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path part_;
  bool committed_ = false;
};

}  // namespace visema::media
