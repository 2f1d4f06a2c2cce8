#include "visema/landmarks/rest_face.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "visema/core/error.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

constexpr double kClosedShare = 0.15;

float median(std::vector<float>& values) {
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

FaceMesh median_mesh(std::span<const FaceMesh> meshes, std::span<const std::size_t> chosen) {
  FaceMesh out;
  std::vector<float> values(chosen.size());
  for (int i = 0; i < kMeshPoints; ++i) {
    for (float Point3::*axis : {&Point3::x, &Point3::y, &Point3::z}) {
      for (std::size_t k = 0; k < chosen.size(); ++k) values[k] = meshes[chosen[k]][i].*axis;
      out[i].*axis = median(values);
    }
  }
  return out;
}

float mix(float a, float b, float t) {
  return a + (b - a) * t;
}

}  // namespace

FaceMesh estimate_rest_face(std::span<const FaceMesh> stabilised,
                            std::span<const std::uint8_t> valid) {
  if (!valid.empty() && valid.size() != stabilised.size()) {
    throw Error(ErrorCode::kInternal, "rest face: " + std::to_string(valid.size()) + " flags for " +
                                          std::to_string(stabilised.size()) + " frames");
  }
  std::vector<std::size_t> frames;
  for (std::size_t i = 0; i < stabilised.size(); ++i) {
    if (valid.empty() || valid[i] != 0) frames.push_back(i);
  }
  if (frames.empty()) {
    throw Error(ErrorCode::kInput, "rest face: none of " + std::to_string(stabilised.size()) +
                                       " frames holds a face that was tracked well");
  }
  const FaceMesh usual = median_mesh(stabilised, frames);
  const auto gap = [&](std::size_t i) { return inner_lip_gap(stabilised[i]); };
  std::ranges::sort(frames, {}, gap);
  frames.resize(static_cast<std::size_t>(std::ceil(kClosedShare * frames.size())));
  const FaceMesh closed = median_mesh(stabilised, frames);

  const RegionWeights lower = lower_face_weights(usual);
  FaceMesh rest;
  for (int i = 0; i < kMeshPoints; ++i) {
    rest[i] = {mix(usual[i].x, closed[i].x, lower[i]), mix(usual[i].y, closed[i].y, lower[i]),
               mix(usual[i].z, closed[i].z, lower[i])};
  }
  return rest;
}

FaceMesh offset_from_rest(const TrackedFace& face, const FaceMesh& rest,
                          const RegionWeights& weight) {
  FaceMesh offset = stabilise(face.mesh, face.pose);
  for (std::size_t i = 0; i < offset.size(); ++i)
    offset[i] = {weight[i] * (offset[i].x - rest[i].x), weight[i] * (offset[i].y - rest[i].y),
                 weight[i] * (offset[i].z - rest[i].z)};
  return offset;
}

float farthest_lip(const FaceMesh& offset) {
  float most = 0;
  for (const std::uint16_t i : kLips) most = std::max(most, std::hypot(offset[i].x, offset[i].y));
  return most;
}

}  // namespace visema
