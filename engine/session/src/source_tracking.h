#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/session/render.h"

namespace visema::session {

struct TrackingOptions {
  FaceChoice face = FaceChoice::kLargest;
  int face_index = 0;
  bool smooth = true;
};

FaceTrackerOptions tracker_options(const TrackingOptions& options);

/// Called with every frame of a source, in order; return false to stop.
using TrackedFrameSink = std::function<bool(const VideoFrame&, const LandmarkFrame&)>;

/// Decodes a picture or video and tracks one face through it. Throws Error(kInput) when the file
/// cannot be read or holds no picture.
void track_source(const std::filesystem::path& source, const ModelPaths& models,
                  const TrackingOptions& options, const TrackedFrameSink& sink);

}  // namespace visema::session
