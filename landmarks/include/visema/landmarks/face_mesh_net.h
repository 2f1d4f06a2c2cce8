#pragma once

#include <array>
#include <filesystem>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/landmarks/face_detector.h"
#include "visema/models/graph_network.h"

namespace visema {

/// A turned square of a picture, in pixels.
struct FaceRegion {
  Point2 centre;
  float size = 0;      // side
  float rotation = 0;  // radians; the square's x axis is (cos, sin) in the picture
};

/// Side of a region over the longer side of the box that it is made for.
inline constexpr float kRegionScale = 1.5f;

/// The square that MediaPipe cuts out for a detection: centred on the box, upright by the eyes.
FaceRegion region_of(const FaceDetection& detection);
/// The same for a mesh of the frame before: box of all points, upright by the outer eye corners.
FaceRegion region_of(const FaceMesh& mesh);

struct FaceMeshResult {
  FaceMesh mesh;    // picture pixels
  float score = 0;  // face presence, 0..1
};

/// MediaPipe's face mesh with attention (Grishchenko et al. 2020): 478 points of the face in a
/// region, lips, eyes and irises refined. May be called from several threads.
class FaceMeshNetwork {
 public:
  explicit FaceMeshNetwork(const std::filesystem::path& network);
  FaceMeshResult infer(const Image& image, const FaceRegion& region) const;

 private:
  GraphNetwork network_;
  std::array<std::size_t, 7>
      outputs_{};  // mesh, lips, left eye, right eye, left iris, right iris, flag
};

}  // namespace visema
