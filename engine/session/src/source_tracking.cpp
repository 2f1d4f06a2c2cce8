#include "source_tracking.h"

#include "visema/core/error.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/video_reader.h"

namespace visema::session {

FaceTrackerOptions tracker_options(const TrackingOptions& options) {
  FaceTrackerOptions result;
  result.smooth = options.smooth;
  result.face_index = options.face_index;
  switch (options.face) {
    case FaceChoice::kLargest:
      result.choice = FaceTrackerChoice::kLargest;
      break;
    case FaceChoice::kLeft:
      result.choice = FaceTrackerChoice::kLeft;
      break;
    case FaceChoice::kRight:
      result.choice = FaceTrackerChoice::kRight;
      break;
    case FaceChoice::kIndex:
      result.choice = FaceTrackerChoice::kIndex;
      break;
  }
  return result;
}

void track_source(const std::filesystem::path& source, const ModelPaths& models,
                  const TrackingOptions& options, const TrackedFrameSink& sink) {
  VideoReader reader(source);
  FaceTracker tracker(models.models, tracker_options(options));
  while (auto frame = reader.read()) {
    const LandmarkFrame tracked{frame->index, frame->time_s, tracker.track(*frame)};
    if (!sink(*frame, tracked)) return;
  }
}

}  // namespace visema::session
