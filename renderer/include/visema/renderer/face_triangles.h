#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "visema/core/landmark_frame.h"

namespace visema {

/// Points of a face mesh in some plane, pixels.
using FacePoints = std::array<Point2, kMeshPoints>;

/// The triangles that carry a motion field: those of the face mesh, and rings of triangles around
/// its border on which the motion dies out. Immutable, may be shared between threads.
class FaceTriangles {
 public:
  using Triangle = std::array<std::int32_t, 3>;
  static constexpr int kBorderPoints = 36;
  /// Rings outside the border of the face.
  static constexpr int kRings = 5;
  /// Points of the mesh, then kRings * kBorderPoints points of the rings, inside to outside.
  static constexpr int kPoints = kMeshPoints + kRings * kBorderPoints;

  /// `mesh`: corners as mesh indices, e.g. of the canonical face. Throws Error(kModel) when there
  /// are none or an index is no mesh point.
  explicit FaceTriangles(std::span<const Triangle> mesh);

  /// In the order to draw, far to near: rings, then the mesh by its distance from the tip of the
  /// nose, so that what lies nearer to the camera covers the rest of a turned head.
  const std::vector<Triangle>& draw_order() const { return triangles_; }

 private:
  std::vector<Triangle> triangles_;
};

}  // namespace visema
