#include <unistd.h>

#include <array>
#include <cstdlib>

#include "visema/session/render.h"

namespace visema::session {
namespace {

std::filesystem::path program_folder() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::current_path() : program.parent_path();
}

std::filesystem::path from_environment(const char* variable,
                                       const std::filesystem::path& fallback) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? std::filesystem::path(value) : fallback;
}

}  // namespace

ModelPaths default_model_paths() {
  const auto share = program_folder().parent_path() / "share" / "visema";
  return {from_environment("VISEMA_MODELS", share / "models"),
          from_environment("VISEMA_WEIGHTS", share / "weights")};
}

}  // namespace visema::session
