#pragma once

#include <array>
#include <span>

#include "float_picture.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/generator_input.h"

namespace visema {

/// Teeth and tongue of a picture with an open mouth, put behind the lips of a target. The upper
/// teeth keep their size and hang from the upper lip, what lies below goes with the lower lip.
/// Where lips are nearer than the picture's, what lies between gives way; where they part farther,
/// the rows of teeth part and it gets dark between them.
class MouthInside {
 public:
  MouthInside(const Reference& open, const HeadPose& pose);

  /// Factors of r g b.
  using Light = std::array<float, 3>;
  /// From the light of the generator's open reference, which `planes` hold moved to a target, to
  /// that of the generator's picture of it (`result`: r g b, then the blend, kCropPixels each).
  static Light light(std::span<const float> planes, std::span<const float> result);
  /// The same from this picture's light, given that from the light of `other`.
  Light light_like(const MouthInside& other, const Light& light) const;

  /// Paints over r g b (0..1) of `result` where `inner_lips`, plane kInnerLipPlane of the target,
  /// is inside the lips. `target` in crop pixels, `most`: the share that is painted at most.
  /// Nothing where the reference's lips touch, and less the farther the target's part beyond them,
  /// the less they part at all, and the more the head is turned elsewhere.
  void paint(const FacePoints& target, const HeadPose& target_pose,
             std::span<const float> inner_lips, const Light& light, std::span<float> result,
             float most = 1) const;

  /// Where in the crop of its picture lies what paint() shows: for each crop pixel in the first two
  /// numbers of `out` (kCropPixels) the place, in the third the share that is shown, 0 outside the
  /// lips. Arguments as of paint(). False: nothing is shown, `out` is as it was.
  bool places(const FacePoints& target, const HeadPose& target_pose,
              std::span<const float> inner_lips, std::span<Vec4> out, float most = 1) const;

  /// Of a picture whose lips touch nobody knows the inside, and the generator paints the mean of
  /// all, which is pale. Leaves what hangs from the upper lip of r g b of `result`, where teeth
  /// are, and darkens what lies below to a mouth's dark, the more the farther the target's lips
  /// part. The more of its inside the picture shows, the less. Arguments as of paint().
  void darken_unknown(const FacePoints& target, std::span<const float> inner_lips,
                      const Light& light, std::span<float> result) const;

  /// How much rather `wider`, of the same person, shows a target's inside: 0 up to what this one
  /// has seen, 1 where lips part well beyond.
  float share_of(const MouthInside& wider, const FacePoints& target) const;

 private:
  static constexpr int kSide = 11;  // points from corner to corner

  /// The inner edge of the lips, from the picture's left to its right.
  struct Lips {
    std::array<Point2, kSide> upper, lower;

    explicit Lips(const FacePoints& points);
    float width() const { return upper.back().x - upper.front().x; }
    float centre() const { return 0.5F * (upper.back().x + upper.front().x); }
  };
  /// From places between the target's lips to places between the reference's.
  struct Map;

  float share(float wanted, const HeadPose& target_pose) const;
  float find_split() const;
  struct Column;
  Vec4 sample(const Map& map, const Column& column, float y) const;
  void darken(const Map& map, float split, std::span<const float> rows,
              std::span<Vec4> samples) const;

  FloatPicture picture_;  // 0..255
  Lips lips_;
  float gap_;
  float split_;                // where rows of teeth part, share of the way from upper to lower lip
  std::array<float, 3> skin_;  // mean colour around the lips, 0..255
  std::array<float, 3> facing_;
};

}  // namespace visema
