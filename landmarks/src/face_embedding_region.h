#pragma once

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/face_mesh_net.h"

namespace visema {

/// The square in which eyes, nose tip and corners of the mouth lie as near as turning, scaling and
/// shifting allow to where networks of the ArcFace kind (Deng et al. 2019) expect them.
FaceRegion aligned_region(const FaceMesh& mesh);

}  // namespace visema
