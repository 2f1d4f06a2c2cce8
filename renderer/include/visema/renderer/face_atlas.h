#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "visema/core/face_cover.h"
#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/face_triangles.h"

namespace visema {

/// The face laid flat: the canonical face seen from the front, with room around it.
inline constexpr int kAtlasSide = 120;    // texels
inline constexpr float kAtlasScale = 40;  // texels per canonical unit
inline constexpr int kAtlasTexels = kAtlasSide * kAtlasSide;
/// First row of the part that a FaceCover's mask has: from above the tip of the nose down.
inline constexpr int kCoverTop = kAtlasSide - kCoverHeight;
static_assert(kCoverWidth == kAtlasSide);

/// A face laid flat.
struct FlatFace {
  Image texels;  // kAtlasSide x kAtlasSide; black where it is not seen, which what is seen never is
  std::array<float, 3> facing{};  // where it looks, unit length, as HeadPose turns (0, 0, 1)
};

/// Carries pictures of a face to the flat one, where every part of it keeps its place, and back.
/// Immutable, may be shared between threads.
class FaceAtlas {
 public:
  /// `canonical`: mesh and triangles of the canonical face.
  FaceAtlas(const FaceMesh& canonical, std::span<const FaceTriangles::Triangle> triangles);

  /// Where the mesh's points lie, texels.
  const FacePoints& layout() const { return layout_; }
  FlatFace flatten(const Image& picture, const FaceMesh& mesh, const HeadPose& pose) const;
  /// Puts the pixels of `own` back into `painted`, a picture of its size, where `mask`
  /// (kCoverTexels, 0: painted, 255: own) lies on the face or beside it. `mesh`: of the face in
  /// `own`.
  void put_back(const Image& own, std::span<const std::uint8_t> mask, const FaceMesh& mesh,
                Image& painted) const;
  /// The mask where it falls on the kCropSize crop of a face with these points, 0..1.
  std::vector<float> on_crop(std::span<const std::uint8_t> mask, const FacePoints& points) const;

 private:
  FaceTriangles triangles_;
  FacePoints layout_{};
};

}  // namespace visema
