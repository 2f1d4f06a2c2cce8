#pragma once

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/avatar.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_regions.h"

namespace visema::session {

/// Where all points of a face go in one output frame.
struct ComposedFace {
  FaceMesh mesh{};  // picture pixels
  HeadPose pose;
};

/// Joins a source face and a motion: the lower face is the speaker's rest face plus the motion, the
/// upper face is the source's own plus the motion, the head is the source's plus the motion.
class FaceComposer {
 public:
  FaceComposer(const Avatar& avatar, const CanonicalFace& canonical);

  ComposedFace compose(const TrackedFace& source, const FaceMotion& motion) const;

 private:
  FaceMesh rest_;
  RegionWeights lower_weight_;  // 1 where speech moves the face
};

}  // namespace visema::session
