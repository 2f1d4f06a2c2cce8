#pragma once

#include <string_view>

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/canonical_face.h"

namespace visema {

enum class Expression { kNeutral, kHappy, kSad, kAngry, kSurprised };

inline constexpr float kMaxExpressionStrength = 1.5F;

/// "neutral", "happy", "sad", "angry", "surprised". Throws Error(kUsage) for other words.
Expression parse_expression(std::string_view name);
std::string_view to_string(Expression expression);

/// What an expression adds to a face, canonical units: hand-set displacements for the action units
/// of the Facial Action Coding System (Ekman and Friesen 1978) with smooth falloff. happy 6 + 12,
/// sad 1 + 15, angry 4 + 7 + 24, surprised 1 + 2 + 5. Upper and lower inner lips move alike, so
/// that what is shut stays shut; the jaw is left to speech. strength 0..1.5, clamped; 1 is
/// moderate.
FaceMesh expression_offset(Expression expression, float strength, const CanonicalFace& face);

}  // namespace visema
