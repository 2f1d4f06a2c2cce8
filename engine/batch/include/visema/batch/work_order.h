#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "visema/batch/job.h"
#include "visema/session/painter.h"

namespace visema::batch {

/// What a worker needs to know of a job.
struct WorkOrder {
  std::string id;
  JobOptions options;
  std::string out;      // as Job::out
  std::string out_dir;  // absolute
  std::string key;
  std::string face_sha256;  // what the inputs must hold
  std::string sound_sha256;
  std::string cache;  // folder of enrolled sources
  std::int64_t cache_bytes = 0;
  bool evaluate = false;
  std::vector<std::string> requirements;  // of the evaluation
  session::PainterUse painter;

  std::filesystem::path output() const { return std::filesystem::path(out_dir) / out; }
};

}  // namespace visema::batch
