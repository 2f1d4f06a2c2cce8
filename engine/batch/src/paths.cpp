#include "paths.h"

#include <system_error>

namespace visema::batch {

using std::filesystem::path;

path absolute_path(const path& relative) {
  path whole = std::filesystem::absolute(relative).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

std::string text_relative_to(const path& file, const path& folder) {
  const path inside = file.lexically_relative(folder);
  return inside.empty() || *inside.begin() == ".." ? file.string() : inside.string();
}

path staging_of(const path& out) {
  std::string name = ".";
  name += out.stem().string() + ".batch" + out.extension().string();
  return out.parent_path() / name;
}

void remove_staging(const path& out) {
  std::error_code ignored;
  const path staging = staging_of(out);
  std::filesystem::remove(staging, ignored);
  // The name under which the video's writer lets it grow.
  std::filesystem::remove(
      staging.parent_path() / (staging.stem().string() + ".part" + staging.extension().string()),
      ignored);
}

path state_folder(const path& out_dir) {
  return out_dir / ".visema-batch";
}

}  // namespace visema::batch
