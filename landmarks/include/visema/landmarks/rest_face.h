#pragma once

#include <cstdint>
#include <span>

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/face_regions.h"

namespace visema {

/// A face whose inner lips are further apart (canonical units) is not at rest.
inline constexpr float kRestLipGap = 0.02F;

/// The person's face with closed, relaxed mouth and open eyes, from stabilised frames: the median
/// of the 15 % of the frames (at least one) with the smallest inner-lip gap below, the median of
/// all frames above. `valid` (1 use, 0 skip) has one entry a frame or none at all. Throws
/// Error(kInput) when no frame is valid.
FaceMesh estimate_rest_face(std::span<const FaceMesh> stabilised,
                            std::span<const std::uint8_t> valid = {});

/// The face with its inner lips brought together, for sources that never close the mouth: the upper
/// lip comes down a little, the lower lip comes up, the jaw follows when it was dropped. Lips keep
/// their thickness. A face that is closed already comes back unchanged.
FaceMesh close_mouth(const FaceMesh& stabilised, const CanonicalFace& face);

/// What a face does beside its rest face, head motion removed and each point times its weight;
/// canonical units.
FaceMesh offset_from_rest(const TrackedFace& face, const FaceMesh& rest,
                          const RegionWeights& weight);

/// Farthest that an offset from a rest face moves a point of the lips, seen from the front.
float farthest_lip(const FaceMesh& offset);

}  // namespace visema
