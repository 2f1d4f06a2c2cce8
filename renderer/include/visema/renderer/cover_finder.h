#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "visema/core/face_cover.h"
#include "visema/renderer/face_appearance.h"
#include "visema/renderer/face_atlas.h"

namespace visema {

/// Finds what comes between camera and face in the frames of one video: places that are unlike
/// themselves (FaceAppearance), of some size and for more than one frame, with soft edges in space
/// and time. It looks forward and back, so that covers do not depend on the order of playing.
class CoverFinder {
 public:
  CoverFinder(const FaceAtlas& atlas, FaceAppearance appearance);

  /// Frames in order; `face` is null where there is none.
  void add(FrameIndex frame, const FlatFace* face);
  /// Those frames in which something is before the face, in order. None when they seem to be
  /// more than a third of all faces: then what was learnt is not the bare face.
  std::vector<FaceCover> finish() const;

 private:
  /// A frame in which some place is unlike itself.
  struct Suspect {
    std::vector<std::uint8_t> unlike;  // kCoverTexels, in sixteenths; 255: nothing can be said
    int sure = 0;                      // texels that are surely something else
  };

  std::vector<FrameIndex> covered_frames() const;

  FacePoints layout_;
  FaceAppearance appearance_;
  std::vector<std::uint8_t> on_lips_;
  std::map<FrameIndex, Suspect> suspects_;
  std::int64_t faces_ = 0;
  FrameIndex end_ = 0;  // after the last frame
};

}  // namespace visema
