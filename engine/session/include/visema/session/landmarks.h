#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "visema/session/render.h"

namespace visema::session {

struct LandmarksOptions {
  std::filesystem::path input;    // picture or video
  std::filesystem::path out;      // JSON lines, one object a frame
  std::filesystem::path overlay;  // video with the points drawn in, empty: none
  FaceChoice face = FaceChoice::kLargest;
  int face_index = 0;
  bool smooth = true;
  ComputeOptions compute;
  ModelPaths models;
};

struct LandmarksReport {
  std::int64_t frames = 0;
  std::int64_t frames_without_face = 0;
  double wall_seconds = 0;
};

/// Tracks one face through the input. Each line of `out`:
/// {"frame", "time_s", "score", "points": [[x, y, z] * 478] in pixels, "pose": {"scale",
/// "rotation", "translation"}}; score, points and pose are null where no face was found.
LandmarksReport extract_landmarks(const LandmarksOptions& options,
                                  const ProgressSink& progress = {}, const LogSink& log = {},
                                  std::stop_token stop = {});

}  // namespace visema::session
