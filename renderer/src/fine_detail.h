#pragma once

#include <span>
#include <vector>

#include "visema/renderer/generator_input.h"

namespace visema {

/// What a generator that was trained on mean errors leaves out of its picture: the finest octave
/// is too weak. Returns luma (0..255, kCropPixels) to add to the picture `made` (luma, 0..255):
/// its own finest octave, as much as it lacks to have the local strength that `like`, the
/// reference's skin in the same place, has; a fixed share on lips and inside of them, where the
/// reference's is no measure. Never more than three times what was there. `planes`: the
/// generator's input.
std::vector<float> missing_detail(std::span<const float> made, std::span<const float> like,
                                  std::span<const float> planes);

}  // namespace visema
