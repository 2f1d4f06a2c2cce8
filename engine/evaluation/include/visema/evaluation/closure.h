#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "visema/audio/phones.h"
#include "visema/evaluation/report.h"

namespace visema {

/// closure.*: do the lips meet at p, b and m, and open at open vowels?
struct ClosureResult {
  std::optional<double> closed_percent;
  std::optional<double> contrast;  // face widths
  std::int64_t count = 0;          // p, b and m with a visible mouth
  std::string why;                 // of what is missing
};

/// Inner lips nearer than this share of the face's width meet: tracked lips that touch lie within
/// 1 % of each other, since the contours of the mesh run along the lips' edges.
inline constexpr float kLipsMeet = 0.012F;

/// openness: inner-lip gap over face width (lip_distance.h) at times on the sound's clock, in
/// order.
ClosureResult measure_closure(std::span<const Phone> phones, const Curve& openness);

}  // namespace visema
