#pragma once

#include <filesystem>

namespace visema::media {

/// A file that grows under another name beside its place and is removed unless committed or kept.
class PartFile {
 public:
  /// Throws Error(kOutput) when the folder is missing, or `path` is a folder, a device or a pipe.
  explicit PartFile(const std::filesystem::path& path);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& part() const { return part_; }
  void commit();
  /// For recordings: what there is stays, under its part name until it is committed.
  void keep() { kept_ = true; }
  /// A part that a run left behind when it was killed gets the name "<name>.1<ext>" or the next
  /// free number.
  void rescue_leftover() const;

 private:
  std::filesystem::path path_;
  std::filesystem::path part_;
  bool kept_ = false;
};

}  // namespace visema::media
