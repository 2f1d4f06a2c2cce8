#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "visema/session/render.h"

namespace visema::session {

struct ModelFileStatus {
  std::string name;
  std::string path;
  bool present = false;
  bool optional = false;  // not for rendering
  std::string sha256;     // of the whole file, empty when missing
  std::string network;    // from its metadata
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
  std::vector<std::string> advice;  // what makes this installation slow and the command that helps
  std::vector<ModelFileStatus> files;
  /// All files that rendering needs are there and load.
  bool ready() const {
    return std::all_of(files.begin(), files.end(), [](const ModelFileStatus& file) {
      return file.optional || file.problem.empty();
    });
  }
};

/// Loads every network once, so it takes about a second.
DoctorReport doctor(const ModelPaths& models, const ComputeOptions& compute = {});

enum class ModelUse { kTrack, kRender, kPrepare, kEval };

/// Throws one Error(kModel) with every file that is missing for that use and the command that
/// brings it.
void require_models(const ModelPaths& models, ModelUse use);

}  // namespace visema::session
