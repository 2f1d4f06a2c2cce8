#pragma once

#include <filesystem>
#include <string>

#include "visema/session/render.h"

namespace visema::session {

struct ImportOptions {
  std::string network = "syncnet";
  std::filesystem::path file;  // as its authors published it: syncnet_v2.model
  /// Empty: models.models / "NETWORK.safetensors"; for ip-lap the folder models.models / "ip-lap".
  std::filesystem::path out;
  ModelPaths models;
  std::filesystem::path landmarks;  // of ip-lap: landmarkgenerator_checkpoint.pth
  std::filesystem::path renderer;   // of ip-lap: renderer_checkpoint.pth
};

/// Converts a network that others published to a weight file, where evaluate() finds it, and
/// returns its path. Throws Error: kUsage for a network that is not known; kInput, kModel, kOutput
/// that name the file.
std::filesystem::path import_network(const ImportOptions& options);

}  // namespace visema::session
