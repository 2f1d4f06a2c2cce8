#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "visema/session/render.h"

namespace visema::session {

/// Which clips are too bad for a pack.
struct ClipLimits {
  double min_tracked = 0.8;       // share of the frames that hold a face
  double min_face_px = 20;        // between the outer eye corners, median
  double min_sharpness = 0.04;    // docs/training-pack.md
  double min_sync_margin = 0.04;  // sync.margin (docs/metrics.md); less: the sound is left out
  int max_sync_offset = 12;       // frames of 40 ms; more: the sound is left out
  double min_sync_seconds = 2;    // of speech, that sync is judged by; clips with less stay
};

struct PrepareOptions {
  std::filesystem::path data;  // folder with clips.tsv (docs/training-pack.md)
  std::filesystem::path out;   // folder of the pack, made when missing
  int workers = 0;             // 0: as many as cores
  std::int64_t limit = 0;      // clips to take, 0: all
  bool faces = false;          // whole faces too, for visema-train renderer --arch ip-lap
  ClipLimits limits;
  ModelPaths models;
};

struct PrepareReport {
  std::int64_t clips = 0;
  std::int64_t dropped = 0;
  std::int64_t silenced = 0;  // clips whose sound was left out
  std::int64_t frames = 0;
  std::int64_t crops = 0;
  std::int64_t persons = 0;
};

/// Turns talking clips into a training pack: stabilised landmarks, log-mel, face crops, the
/// articulation basis, and a fixed split by person.
PrepareReport prepare(const PrepareOptions& options, const ProgressSink& progress = {},
                      const LogSink& log = {}, std::stop_token stop = {});

}  // namespace visema::session
