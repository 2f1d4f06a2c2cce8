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

TrackedSource track_source(const std::filesystem::path& source, const ModelPaths& models,
                           const TrackingOptions& options, const TrackedFrameSink& sink) {
  VideoReader reader(source);
  FaceTracker tracker(models.models, tracker_options(options));
  while (auto frame = reader.read()) {
    const LandmarkFrame tracked{frame->index, frame->time_s, tracker.track(*frame)};
    if (!sink(*frame, tracked)) break;
  }
  return {tracker.most_faces(), reader.damaged()};
}

std::string no_face_text(const TrackingOptions& options, const TrackedSource& source,
                         std::size_t frames) {
  const std::string of =
      " in " + (frames == 1 ? "the picture" : std::to_string(frames) + " frames");
  if (options.face != FaceChoice::kIndex || source.most_faces == 0) return "no face was found" + of;
  return "no face " + std::to_string(options.face_index) + of + ": at most " +
         std::to_string(source.most_faces) +
         (source.most_faces == 1 ? " face was found" : " faces were found") +
         " at a time, counted from 0 at the left";
}

std::string damage_text(std::size_t frames) {
  return "damaged or cut short: only what could be decoded of it is used, " +
         std::to_string(frames) + (frames == 1 ? " frame" : " frames");
}

}  // namespace visema::session
