#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace visema {

/// Folder of the installed networks, none where set-up has not run.
inline std::optional<std::filesystem::path> installed_models() {
  std::vector<std::filesystem::path> places;
  if (const char* folder = std::getenv("VISEMA_MODELS")) places.emplace_back(folder);
  places.emplace_back(std::filesystem::path(VISEMA_BINARY_DIR) / "share/visema/models");
  places.emplace_back(std::filesystem::path(VISEMA_SOURCE_DIR) /
                      "build/release/share/visema/models");
  for (const auto& place : places) {
    if (std::filesystem::exists(place / "face_mesh.safetensors")) return place;
  }
  return std::nullopt;
}

inline std::filesystem::path shared_data() {
  return std::filesystem::path(VISEMA_SOURCE_DIR) / "../shared/data";
}
inline std::filesystem::path shared_golden() {
  return std::filesystem::path(VISEMA_SOURCE_DIR) / "../shared/golden";
}

}  // namespace visema

#define VISEMA_NEED_MODELS(name)                                               \
  const auto name##_found = visema::installed_models();                        \
  if (!name##_found) GTEST_SKIP() << "face_mesh.safetensors is not installed"; \
  const std::filesystem::path& name = *name##_found

#define VISEMA_NEED_FILE(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << (path).string() << " is not there"
