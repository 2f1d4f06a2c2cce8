#pragma once

#include <filesystem>
#include <string>

#include "visema/session/render.h"

namespace visema::session {

struct ImportOptions {
  std::string network = "syncnet";
  std::filesystem::path file;  // as its authors published it: syncnet_v2.model
  std::filesystem::path out;   // empty: models.models / "NETWORK.safetensors"
  ModelPaths models;
};

/// Converts a network that others published to a weight file, where evaluate() finds it, and
/// returns its path. Throws Error: kUsage for a network that is not known; kInput, kModel, kOutput
/// that name the file.
std::filesystem::path import_network(const ImportOptions& options);

}  // namespace visema::session
