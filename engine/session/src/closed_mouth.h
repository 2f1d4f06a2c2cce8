#pragma once

#include <cstddef>
#include <span>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"

namespace visema::session {

/// Share of the line where the lips meet on which teeth are seen: something brighter and much
/// greyer than the lips. Trackers take lips that part over teeth for closed ones.
float teeth_between_lips(const Image& picture, const TrackedFace& face);

/// The first of the candidates, at least one, whose teeth_between_lips() is at most a fifth, or
/// else the one with the least.
std::size_t first_without_teeth(std::span<const float> candidates);

}  // namespace visema::session
