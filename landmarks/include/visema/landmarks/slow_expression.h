#pragma once

#include <span>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/face_regions.h"
#include "visema/models/speech_basis.h"

namespace visema {

/// The part of a video's own lower face that stays when another sound moves it: what changes over
/// seconds, such as a smile, so that mouth and cheeks agree. It is the weighted mean over two
/// seconds on either side, without the mean over the whole video and without what opens or closes
/// the lips. Immutable.
class SlowExpression {
 public:
  /// `frames` of the video in order of time, those without a face not counting; `rest` the
  /// speaker's rest face; `weight` 1 where speech moves a face.
  SlowExpression(std::span<const LandmarkFrame> frames, const FaceMesh& rest,
                 const RegionWeights& weight, const BasisPart& lower);

  /// Offset from the rest face at a frame, canonical units; zero outside the video.
  FaceMesh at(FrameIndex frame) const;

 private:
  void smooth(std::span<const LandmarkFrame> frames, std::span<const float> own);
  void keep_lips_closed();

  const BasisPart& lower_;
  std::size_t count_;        // coefficients of a frame
  std::vector<float> slow_;  // of every frame
};

}  // namespace visema
