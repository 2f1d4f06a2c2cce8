#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

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

/// What a source shows beside the face that is followed.
struct TrackedSource {
  int most_faces = 0;    // in one frame, where they were looked for
  bool damaged = false;  // some of it could not be decoded, or its end is missing
};

/// Decodes a picture or video and tracks one face through it. Throws Error(kInput) when the file
/// cannot be read or holds no picture.
TrackedSource track_source(const std::filesystem::path& source, const ModelPaths& models,
                           const TrackingOptions& options, const TrackedFrameSink& sink);

/// Why no frame holds the face that was asked for.
std::string no_face_text(const TrackingOptions& options, const TrackedSource& source,
                         std::size_t frames);

/// What the log says of a source that is not whole.
std::string damage_text(std::size_t frames);

}  // namespace visema::session
