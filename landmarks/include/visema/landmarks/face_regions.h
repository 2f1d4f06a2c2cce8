#pragma once

#include <array>
#include <cstdint>

#include "visema/core/face_points.h"
#include "visema/core/landmark_frame.h"

namespace visema {

/// How far speech moves a point: 1 at lips, chin and jaw, 0 at nose, eyes and forehead, smooth
/// between; and its counterpart for brows, lids and upper cheeks, which also excludes nose and face
/// border. Never more than 1 together.
using RegionWeights = std::array<float, kMeshPoints>;

/// From any face in the canonical frame, commonly CanonicalFace::mesh().
RegionWeights lower_face_weights(const FaceMesh& canonical);
RegionWeights upper_face_weights(const FaceMesh& canonical);

// Measures of a face in the canonical frame, canonical units.

/// Vertical opening between the inner lips around the middle (pairs 13-14, 82-87, 312-317).
float inner_lip_gap(const FaceMesh& canonical);
/// Distance of the outer mouth corners.
float mouth_width(const FaceMesh& canonical);
/// Distance of the face border at ear height.
float face_width(const FaceMesh& canonical);

enum class Eye { kRight, kLeft };
/// Opening divided by width, mean of three lid pairs; about 0.3 open, below 0.1 shut.
float eye_aspect(const FaceMesh& mesh, Eye eye);

}  // namespace visema
