#pragma once

#include <array>
#include <span>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"

namespace visema::training {

/// mirror[i] is the mesh point that takes the place of point i when left and right are exchanged.
using MirrorMap = std::array<int, kMeshPoints>;

/// Pairs the points of a face (the mean rest face of a pack, canonical frame: x = 0 in the middle)
/// by the distance between one and the other's mirror image, nearest pairs first.
MirrorMap mirror_map(const FaceMesh& face);

/// Exchanges left and right in place.
void mirror(Image& picture);
void mirror(std::span<Point2, kMeshPoints> points, const MirrorMap& map, int width);

}  // namespace visema::training
