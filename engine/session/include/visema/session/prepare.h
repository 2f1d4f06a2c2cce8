#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "visema/session/render.h"

namespace visema::session {

struct PrepareOptions {
  std::filesystem::path data;  // folder with clips.tsv (docs/training-pack.md)
  std::filesystem::path out;   // folder of the pack, made when missing
  int workers = 0;             // 0: as many as cores
  std::int64_t limit = 0;      // clips to take, 0: all
  ModelPaths models;
};

struct PrepareReport {
  std::int64_t clips = 0;
  std::int64_t dropped = 0;
  std::int64_t frames = 0;
  std::int64_t crops = 0;
  std::int64_t persons = 0;
};

/// Turns talking clips into a training pack: stabilised landmarks, log-mel, face crops, the
/// articulation basis, and a fixed split by person.
PrepareReport prepare(const PrepareOptions& options, const ProgressSink& progress = {},
                      const LogSink& log = {}, std::stop_token stop = {});

}  // namespace visema::session
