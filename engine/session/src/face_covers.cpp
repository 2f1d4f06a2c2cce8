#include "face_covers.h"

#include <algorithm>

#include "visema/core/error.h"
#include "visema/media/video_reader.h"
#include "visema/renderer/cover_finder.h"

namespace visema::session {

void FlatFaceSample::add(const Image& picture, const TrackedFace& face) {
  if (seen_++ % step_ != 0) return;
  if (faces_.size() == kMost) {
    for (std::size_t i = 1; 2 * i < kMost; ++i) faces_[i] = std::move(faces_[2 * i]);
    faces_.resize(kMost / 2);
    step_ *= 2;  // kMost is even: the face at hand is of the new step, too
  }
  faces_.push_back(atlas_.flatten(picture, face.mesh, face.pose));
}

std::vector<FaceCover> find_covers(const Avatar& avatar, const FaceAtlas& atlas,
                                   const FlatFaceSample& sample, const ProgressSink& progress,
                                   const std::stop_token& stop) {
  if (sample.faces().size() < static_cast<std::size_t>(FaceAppearance::kLeastFaces)) return {};
  CoverFinder finder(atlas, FaceAppearance(atlas, sample.faces()));
  VideoReader reader(avatar.media_path);
  const auto total = static_cast<std::int64_t>(avatar.frames.size());
  for (const LandmarkFrame& tracked : avatar.frames) {
    const auto frame = reader.read();
    if (!frame) break;
    if (tracked.face) {
      const FlatFace flat = atlas.flatten(frame->image, tracked.face->mesh, tracked.face->pose);
      finder.add(tracked.index, &flat);
    }
    const bool go_on = !progress || progress("occlusion", tracked.index + 1, total);
    if (!go_on || stop.stop_requested())
      throw Error(ErrorCode::kInterrupted,
                  avatar.media_path.string() + ": interrupted while it was read again");
  }
  return finder.finish();
}

}  // namespace visema::session
