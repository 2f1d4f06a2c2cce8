#include "visema/landmarks/face_embedding.h"

#include <cmath>

#include "face_sampling.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_mesh_net.h"

namespace visema {
namespace {

constexpr int kInput = 224;
constexpr int kValues = 1024;
constexpr float kMargin = 1.2f;  // side of the crop over the longer side of the mesh's box

}  // namespace

FaceEmbedding::FaceEmbedding(const std::filesystem::path& network) : network_(network) {
  using Shape = std::vector<std::int64_t>;
  if (network_.input().shape != Shape{1, kInput, kInput, 3} || network_.outputs().size() != 1 ||
      network_.outputs()[0].shape != Shape{1, kValues}) {
    throw Error(ErrorCode::kModel, network.string() +
                                       " is not the face embedding: it must turn a 224x224 picture "
                                       "into one output of 1024 numbers");
  }
}

std::vector<float> FaceEmbedding::embed(const Image& image, const FaceMesh& mesh) const {
  FaceRegion region = region_of(mesh);
  region.size *= kMargin / kRegionScale;
  auto values =
      network_.run(sample_region(image, region, kInput, 0, 255, Outside::kNearest)).front();
  double square = 0;
  for (const float value : values) square += static_cast<double>(value) * value;
  const auto length = static_cast<float>(std::sqrt(square));
  if (length > 0) {
    for (float& value : values) value /= length;
  }
  return values;
}

}  // namespace visema
