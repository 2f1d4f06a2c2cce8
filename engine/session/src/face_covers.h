#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/renderer/face_atlas.h"

namespace visema::session {

/// Flat faces of a video of any length: at most kMost, evenly spread over those that it is given.
class FlatFaceSample {
 public:
  static constexpr std::size_t kMost = 128;

  explicit FlatFaceSample(const FaceAtlas& atlas) : atlas_(atlas) {}

  void add(const Image& picture, const TrackedFace& face);
  const std::vector<FlatFace>& faces() const { return faces_; }

 private:
  const FaceAtlas& atlas_;
  std::vector<FlatFace> faces_;
  std::int64_t seen_ = 0;
  std::int64_t step_ = 1;  // of the faces, every step_-th is kept
};

/// Reads the avatar's video again and finds what is before its face, frame by frame; `sample` is of
/// the same video. None of a video with too few faces to know one. Throws Error(kInterrupted).
std::vector<FaceCover> find_covers(const Avatar& avatar, const FaceAtlas& atlas,
                                   const FlatFaceSample& sample, const ProgressSink& progress,
                                   const std::stop_token& stop);

}  // namespace visema::session
