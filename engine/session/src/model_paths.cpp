#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "visema/session/render.h"

namespace visema::session {
namespace {

/// The file that holds this code: libvisema.so, or a program that was linked with the archives.
std::filesystem::path this_library() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&default_model_paths), &info) == 0) return {};
  std::error_code ignored;
  return std::filesystem::canonical(info.dli_fname, ignored);
}

std::filesystem::path this_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

/// share/visema in the nearest folder above the library (PREFIX/lib/x86_64-linux-gnu) or the
/// program (PREFIX/bin).
std::filesystem::path shared_files() {
  const auto program = this_program();
  for (const auto& file : {this_library(), program}) {
    auto folder = file.parent_path();
    for (int levels = 0; levels < 3 && folder.has_relative_path(); ++levels) {
      folder = folder.parent_path();
      std::error_code ignored;
      if (std::filesystem::is_directory(folder / "share" / "visema", ignored))
        return folder / "share" / "visema";
    }
  }
  return program.parent_path().parent_path() / "share" / "visema";
}

std::filesystem::path from_environment(const char* variable,
                                       const std::filesystem::path& fallback) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? std::filesystem::path(value) : fallback;
}

}  // namespace

ModelPaths default_model_paths() {
  const auto share = shared_files();
  return {from_environment("VISEMA_MODELS", share / "models"),
          from_environment("VISEMA_WEIGHTS", share / "weights")};
}

}  // namespace visema::session
