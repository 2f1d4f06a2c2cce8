#pragma once

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/avatar.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/slow_expression.h"

namespace visema::session {

/// Where all points of a face go in one output frame.
struct ComposedFace {
  FaceMesh mesh{};  // picture pixels
  HeadPose pose;
};

/// Joins a source face and a motion: the lower face is the speaker's rest face plus the motion and
/// the source's slow expression, the upper face is the source's own plus the motion, the head is
/// the source's plus the motion.
class FaceComposer {
 public:
  /// `expression`: null where the lower face is to show none; must outlive it.
  FaceComposer(const Avatar& avatar, const CanonicalFace& canonical,
               const SlowExpression* expression = nullptr);

  /// `source` has a face.
  ComposedFace compose(const LandmarkFrame& source, const FaceMotion& motion) const;

 private:
  FaceMesh rest_;
  RegionWeights lower_weight_;  // 1 where speech moves the face
  const SlowExpression* expression_;
};

}  // namespace visema::session
