#pragma once

#include <string>
#include <vector>

#include "visema/session/render.h"

namespace visema::session {

struct ModelFileStatus {
  std::string name;
  std::string path;
  bool present = false;
  std::string sha256;   // of the whole file, empty when missing
  std::string network;  // from its metadata
  std::string version;
  std::string problem;  // what is wrong and the command that mends it, empty when all is well
};

/// What this installation has and what it lacks.
struct DoctorReport {
  std::vector<std::string> versions;  // "visema 0.1.0", "libtorch 1.13.1", ...
  std::string cpu;
  std::string device;
  std::string precision;
  int threads = 0;
  std::vector<ModelFileStatus> files;
  bool ready() const;
};

DoctorReport doctor(const ModelPaths& models, const ComputeOptions& compute = {});

}  // namespace visema::session
