#pragma once

#include <span>
#include <vector>

#include "visema/renderer/face_triangles.h"
#include "visema/renderer/generator_input.h"

namespace visema {

/// How much of a moved face's own texture may be kept, 0..1 (kCropPixels): all of it where the
/// motion from `source` to `target` (crop pixels) keeps its shape, nothing where it was stretched.
std::vector<float> firm_skin(const FaceTriangles& triangles, const FacePoints& source,
                             const FacePoints& target);

/// Around the lips the generator knows light and shape, not hairs and pores. Keeps of what it
/// painted there what is coarse, and takes what is fine from the frame itself. `planes`: the
/// generator's input; `own`: the frame's crop, moved to the target; `firm`: see above; `result`:
/// r g b and blend as the generator painted them (0..1, kCropPixels each), changed in place. Lips
/// and what is between them keep what was painted, but for its error of hue.
void keep_texture(std::span<const float> planes, const Image& own, std::span<const float> firm,
                  std::span<float> result);

}  // namespace visema
