#pragma once

#include <array>
#include <optional>
#include <span>
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

/// What a frame that is finer than the crop adds to a painted mouth: to lips what is finer in the
/// closed reference, to their inside what is finer in its own picture.
class MouthDetail {
 public:
  /// `planes`: the generator's input; `luma`: of the closed reference in the crop (0..255);
  /// `target` in crop pixels; `share`: how much is added, 0 where the frame is no finer. The mouths
  /// must outlive it.
  MouthDetail(FineMouth& mouth, FineMouth& wide, std::span<const float> planes,
              std::span<const float> luma, const FacePoints& target, const HeadPose& target_pose,
              float share);

  /// Levels of r g b at a place of the crop; `reference`: the closed reference there.
  Vec4 at(Point2 place, Vec4 reference) const;

 private:
  std::optional<FloatPicture> guide_;  // share of lips, luma of the reference, share of the inside
  std::array<const FineMouth*, 2> insides_{};
};

}  // namespace visema
