#include "visema/renderer/face_triangles.h"

#include <algorithm>
#include <string>

#include "visema/core/error.h"
#include "visema/core/face_points.h"

namespace visema {
namespace {

using Triangle = FaceTriangles::Triangle;

/// Edges between each mesh point and the tip of the nose.
std::array<int, kMeshPoints> hops_from_nose(std::span<const Triangle> mesh) {
  constexpr int kFar = kMeshPoints;
  std::array<int, kMeshPoints> hops;
  hops.fill(kFar);
  hops[kNoseTip] = 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (const Triangle& t : mesh) {
      const int reached = std::min({hops[t[0]], hops[t[1]], hops[t[2]]}) + 1;
      for (const int corner : t)
        if (hops[corner] > reached) {
          hops[corner] = reached;
          changed = true;
        }
    }
  }
  return hops;
}

void add_rings(std::vector<Triangle>& triangles) {
  const auto point = [](int ring, int i) {
    i %= FaceTriangles::kBorderPoints;
    return ring == 0 ? static_cast<int>(kFaceOval[i])
                     : kMeshPoints + (ring - 1) * FaceTriangles::kBorderPoints + i;
  };
  for (int ring = FaceTriangles::kRings; ring > 0; --ring)
    for (int i = 0; i < FaceTriangles::kBorderPoints; ++i) {
      const int inner = point(ring - 1, i), inner_next = point(ring - 1, i + 1);
      const int outer = point(ring, i), outer_next = point(ring, i + 1);
      triangles.push_back({inner, inner_next, outer});
      triangles.push_back({outer, inner_next, outer_next});
    }
}

}  // namespace

FaceTriangles::FaceTriangles(std::span<const Triangle> mesh) {
  if (mesh.empty()) throw Error(ErrorCode::kModel, "face triangles: none given, 898 are usual");
  for (const Triangle& t : mesh)
    for (const int corner : t)
      if (corner < 0 || corner >= kMeshPoints)
        throw Error(ErrorCode::kModel, "face triangles: corner " + std::to_string(corner) +
                                           " must be in 0.." + std::to_string(kMeshPoints - 1));
  add_rings(triangles_);
  const auto hops = hops_from_nose(mesh);
  const auto distance = [&](const Triangle& t) { return hops[t[0]] + hops[t[1]] + hops[t[2]]; };
  std::vector<Triangle> sorted(mesh.begin(), mesh.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Triangle& a, const Triangle& b) { return distance(a) > distance(b); });
  triangles_.insert(triangles_.end(), sorted.begin(), sorted.end());
}

}  // namespace visema
