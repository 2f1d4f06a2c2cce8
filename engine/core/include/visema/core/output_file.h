#pragma once

#include <filesystem>

namespace visema {

/// Whether there is something of that name that is neither a file nor a folder: a device, a pipe or
/// a socket, also behind a link. Nothing may be renamed over it: it would be lost, for all
/// programs.
bool is_device_or_pipe(const std::filesystem::path& path);

/// Where to write a text so that a reader of `path` never sees half of it, and where it then gets
/// its name.
struct TextPlace {
  std::filesystem::path part;
  std::filesystem::path whole;  // where links lead, so that they stay; empty: `part` is the place

  explicit TextPlace(const std::filesystem::path& path);
  bool in_place() const { return whole.empty(); }
};

}  // namespace visema
