#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "visema/core/landmark_frame.h"

namespace visema {

/// MediaPipe's metric face model in the canonical frame of HeadPose: the shape that poses are
/// fitted to. Immutable, may be shared between threads.
class CanonicalFace {
 public:
  /// Corners of a triangle, as mesh indices.
  using Triangle = std::array<std::int32_t, 3>;
  static constexpr int kVertices = 468;  // mesh points without the irises

  /// Reads canonical_face.safetensors. Throws Error(kInput, kModel).
  static CanonicalFace load(const std::filesystem::path& path);
  /// From the model's own numbers: kVertices * 3 coordinates in centimetres, y up, z to the camera,
  /// and three indices a triangle. Throws Error(kModel) when they are not such a face.
  static CanonicalFace from_vertices(std::span<const float> centimetres,
                                     std::span<const std::int64_t> triangles = {});

  /// All 478 points in canonical units; the irises lie in the middle of the eye openings.
  const FaceMesh& mesh() const { return mesh_; }
  /// 898 triangles that cover the face, mouth and eyes included; empty when none were given.
  const std::vector<Triangle>& triangles() const { return triangles_; }

 private:
  FaceMesh mesh_{};
  std::vector<Triangle> triangles_;
};

}  // namespace visema
