#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/graph_network.h"

namespace visema {

/// A face as the detector sees it, in picture pixels.
struct FaceDetection {
  float x = 0, y = 0, width = 0, height = 0;  // upright box
  /// Eye on the picture's left, eye on its right, nose tip, mouth, ear left, ear right.
  std::array<Point2, 6> keypoints{};
  float score = 0;  // 0..1
};

struct FaceDetectorOptions {
  float min_score = 0.5f;
  float max_overlap = 0.3f;  // intersection over union above which two boxes are one face
};

/// BlazeFace, short range (Bazarevsky et al. 2019): faces from about a tenth of the picture's
/// longer side. Faces come best first. May be called from several threads.
class FaceDetector {
 public:
  explicit FaceDetector(const std::filesystem::path& network, FaceDetectorOptions options = {});
  std::vector<FaceDetection> detect(const Image& image) const;
  /// detect(), and where it finds nothing the same in overlapping squares of half, a quarter, ...
  /// of the picture down to about 512 px: finds faces from about 48 px, in up to a second.
  std::vector<FaceDetection> search(const Image& image) const;

 private:
  std::vector<FaceDetection> candidates(const Image& image, Point2 centre, float side) const;

  GraphNetwork network_;
  FaceDetectorOptions options_;
  std::vector<Point2> anchors_;  // centres, fractions of the network's input
};

}  // namespace visema
