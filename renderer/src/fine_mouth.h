#pragma once

#include <vector>

#include "float_picture.h"
#include "mouth_inside.h"
#include "visema/renderer/face_renderer.h"

namespace visema {

/// What the crop of a picture leaves out of the inside of its mouth, for frames that are finer than
/// a crop.
class FineMouth {
 public:
  /// `crop`: the picture's own, `inside`: made of it.
  FineMouth(const FaceReference& reference, const Reference& crop, MouthInside inside);

  const MouthInside& inside() const { return inside_; }

  /// Prepares for one target, arguments as of MouthInside::places(). False: there is no detail.
  bool aim(const FacePoints& target, const HeadPose& target_pose, std::span<const float> inner_lips,
           float most);
  /// Detail at a place of the target's crop that aim() saw, levels of r g b.
  Vec4 at(Point2 place) const;

 private:
  MouthInside inside_;
  float scale_;  // pixels of `fine_` for a crop pixel
  FloatPicture fine_, coarse_;
  std::vector<Vec4> places_;
  FloatPicture aimed_;
};

}  // namespace visema
