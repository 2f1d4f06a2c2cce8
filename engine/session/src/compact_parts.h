#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "compact_group.h"

namespace visema::session {

/// Fills files of at most a number of bytes with groups, in order.
class PartWriter {
 public:
  PartWriter(std::filesystem::path folder, std::size_t most_bytes);

  /// Throws Error(kUsage) when a group alone is larger than a part.
  void add(CompactGroup group);
  /// Writes the last part and removes the parts of an earlier, longer pack.
  void finish();

  struct Part {
    std::string name;
    std::string sha256;
    std::uintmax_t bytes = 0;
    std::size_t clips = 0;
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::filesystem::path path_of(std::size_t number) const;
  void flush();

  std::filesystem::path folder_;
  std::size_t most_bytes_;
  std::vector<CompactGroup> groups_;  // of the part at work
  std::size_t bytes_ = 0;             // of the same, at most
  std::vector<Part> parts_;
};

}  // namespace visema::session
