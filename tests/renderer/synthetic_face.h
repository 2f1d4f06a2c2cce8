#pragma once

#include <cstdint>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/face_triangles.h"

namespace visema::test {

/// A drawn-up face in the canonical frame with the mesh's indices for border, lips, nose and mask,
/// and a Delaunay triangulation of its 468 points.
struct SyntheticFace {
  FaceMesh mesh{};
  std::vector<FaceTriangles::Triangle> triangles;
};
const SyntheticFace& synthetic_face();

/// The mouth opened: lower lip and chin go down by `units`.
FaceMesh open_mouth(const FaceMesh& canonical, float units);
/// Canonical to picture pixels.
FaceMesh place(const FaceMesh& canonical, const HeadPose& pose);
/// A head of that many pixels per unit, turned by roll and yaw.
HeadPose pose_at(float x, float y, float scale, float roll = 0, float yaw = 0);

/// Smooth colours that differ everywhere, with some fine structure.
Image test_picture(int width, int height);

}  // namespace visema::test
