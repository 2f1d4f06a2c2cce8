#include "visema/core/output_file.h"

#include <system_error>

namespace visema {

bool is_device_or_pipe(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_other(path, ignored);
}

TextPlace::TextPlace(const std::filesystem::path& path) : part(path) {
  if (is_device_or_pipe(path)) return;
  std::error_code error;
  whole = std::filesystem::canonical(path, error);
  if (error) whole = path;  // not there yet
  part = whole.string() + ".part";
}

}  // namespace visema
