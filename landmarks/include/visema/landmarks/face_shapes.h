#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "visema/core/landmark_frame.h"

namespace visema {

/// Whole faces in few numbers: face = mean + sum_k c_k row_k, canonical units. Principal components
/// of the faces it was fitted to, as they stand, person and movement together.
struct FaceShapes {
  FaceMesh mean{};
  std::vector<float> rows;     // K * 478 * 3
  std::vector<float> project;  // K * 478 * 3: c_k = <face - mean, project_k>
  std::int64_t size() const {
    return static_cast<std::int64_t>(rows.size()) / (std::int64_t{kMeshPoints} * 3);
  }
};

/// The `size` strongest components, fewer when there are fewer faces. A point of the lips counts
/// `lip_weight` times in the error that is made small. The same faces give the same shapes. Throws
/// Error(kInput) without a face.
FaceShapes fit_face_shapes(std::span<const FaceMesh> faces, std::int64_t size,
                           double lip_weight = 2);

/// faces -> N * K coefficients.
std::vector<float> shape_coefficients(const FaceShapes& shapes, std::span<const FaceMesh> faces);
/// N * K coefficients -> faces.
std::vector<FaceMesh> shaped_faces(const FaceShapes& shapes, std::span<const float> coefficients);

/// The map p = A (x, y, z, 1) that brings a canonical mesh nearest to its points in a picture: the
/// rows of A [2, 4]. Exact but for rounding where the points are the mesh under a HeadPose.
using PlaneMap = std::array<float, 8>;
PlaneMap fit_plane_map(const FaceMesh& canonical, std::span<const Point2> points);

}  // namespace visema
