#include "visema/landmarks/canonical_face.h"

#include <cmath>
#include <string>

#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

constexpr float kIrisRadius = 0.065F;  // 11.7 mm across, outer eye corners 90 mm apart

void place_iris(FaceMesh& mesh, const std::array<std::uint16_t, 5>& iris,
                const std::array<std::uint16_t, 16>& eye, float side) {
  Point3 centre;
  for (const auto i : eye) {
    centre.x += mesh[i].x / eye.size();
    centre.y += mesh[i].y / eye.size();
    centre.z += mesh[i].z / eye.size();
  }
  const auto at = [&](float dx, float dy) {
    return Point3{centre.x + dx * kIrisRadius, centre.y + dy * kIrisRadius, centre.z};
  };
  mesh[iris[0]] = centre;
  mesh[iris[1]] = at(side, 0);
  mesh[iris[2]] = at(0, -1);
  mesh[iris[3]] = at(-side, 0);
  mesh[iris[4]] = at(0, 1);
}

}  // namespace

CanonicalFace CanonicalFace::load(const std::filesystem::path& path) {
  const auto file = TensorFile::open(path);
  return from_vertices(file.floats("vertices", {kVertices, 3}), file.integers("triangles"));
}

CanonicalFace CanonicalFace::from_vertices(std::span<const float> centimetres,
                                           std::span<const std::int64_t> triangles) {
  if (centimetres.size() != std::size_t{kVertices} * 3) {
    throw Error(ErrorCode::kModel, "canonical face: " + std::to_string(centimetres.size()) +
                                       " coordinates, must be 468 * 3");
  }
  CanonicalFace face;
  const auto corner = [&](int i) {
    return Point3{centimetres[3 * i], -centimetres[3 * i + 1], -centimetres[3 * i + 2]};
  };
  const Point3 right = corner(33);
  const Point3 left = corner(263);
  const float unit = std::hypot(left.x - right.x, left.y - right.y, left.z - right.z);
  if (!(unit > 1e-3F) || !std::isfinite(unit)) {
    throw Error(ErrorCode::kModel, "canonical face: outer eye corners are " + std::to_string(unit) +
                                       " cm apart, must be above 0");
  }
  const Point3 origin = {(left.x + right.x) / 2, (left.y + right.y) / 2, (left.z + right.z) / 2};
  for (int i = 0; i < kVertices; ++i) {
    const Point3 p = corner(i);
    face.mesh_[i] = {(p.x - origin.x) / unit, (p.y - origin.y) / unit, (p.z - origin.z) / unit};
  }
  place_iris(face.mesh_, kRightIris, kRightEye, 1.0F);
  place_iris(face.mesh_, kLeftIris, kLeftEye, -1.0F);

  if (triangles.size() % 3 != 0) {
    throw Error(ErrorCode::kModel, "canonical face: " + std::to_string(triangles.size()) +
                                       " triangle indices, must be a multiple of 3");
  }
  face.triangles_.reserve(triangles.size() / 3);
  for (std::size_t t = 0; t < triangles.size(); t += 3) {
    Triangle triangle{};
    for (std::size_t k = 0; k < 3; ++k) {
      const auto index = triangles[t + k];
      if (index < 0 || index >= kVertices) {
        throw Error(ErrorCode::kModel, "canonical face: triangle index " + std::to_string(index) +
                                           ", must be in 0..467");
      }
      triangle[k] = static_cast<std::int32_t>(index);
    }
    face.triangles_.push_back(triangle);
  }
  return face;
}

}  // namespace visema
