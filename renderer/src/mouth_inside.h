#pragma once

#include <array>
#include <span>

#include "float_picture.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/generator_input.h"

namespace visema {

/// Teeth and tongue of a picture with an open mouth, put behind the lips of a target. The upper
/// teeth keep their size and hang from the upper lip, what lies below goes with the lower lip, and
/// the dark between them gives way.
class MouthInside {
 public:
  MouthInside(const Reference& open, const HeadPose& pose);

  /// Paints over r g b (0..1) of `result` (kCropPixels each, then the blend) where `planes`, the
  /// generator's input of this target and with this reference as the open one, are inside the lips.
  /// `target` in crop pixels. Nothing where the reference's lips touch, and less the farther the
  /// target's part beyond them, the less they part at all, and the more the head is turned
  /// elsewhere.
  void paint(const FacePoints& target, const HeadPose& target_pose, std::span<const float> planes,
             std::span<float> result) const;

 private:
  static constexpr int kSide = 11;  // points from corner to corner

  /// The inner edge of the lips, from the picture's left to its right.
  struct Lips {
    std::array<Point2, kSide> upper, lower;

    explicit Lips(const FacePoints& points);
    float gap() const;
    float width() const { return upper.back().x - upper.front().x; }
    float centre() const { return 0.5F * (upper.back().x + upper.front().x); }
  };
  /// From places between the target's lips to places between the reference's.
  struct Map;

  float share(float wanted, const HeadPose& target_pose) const;
  Vec4 sample(const Map& map, float x, float y, float top, float bottom) const;

  FloatPicture picture_;  // 0..255
  Lips lips_;
  float gap_;
  std::array<float, 3> facing_;
};

}  // namespace visema
