#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace visema {

/// Members of a ZIP archive in memory (PKWARE APPNOTE 6.3, ZIP64 too), stored or deflated. The
/// archive must outlive it. Throws std::runtime_error with the reason.
class ZipArchive {
 public:
  explicit ZipArchive(std::span<const std::byte> archive);
  static bool looks_like_one(std::span<const std::byte> bytes);

  struct Member {
    std::uint64_t size = 0;         // of the content
    std::uint64_t packed_size = 0;  // in the archive
    std::uint64_t header = 0;       // place of its local header
    unsigned method = 0;            // 0 stored, 8 deflated
  };
  const std::map<std::string, Member>& members() const { return members_; }

  /// The content: a view into the archive, or `room`, which then holds it inflated.
  std::span<const std::byte> content(const Member& member, std::vector<std::byte>& room) const;

 private:
  void read_directory(std::span<const std::byte> directory, std::uint64_t count);

  std::span<const std::byte> archive_;
  std::map<std::string, Member> members_;
};

}  // namespace visema
