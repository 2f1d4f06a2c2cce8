#include "visema/landmarks/face_embedding.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "face_embedding_region.h"
#include "face_sampling.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_mesh_net.h"

namespace visema {
namespace {

constexpr float kMargin = 1.2f;  // side of the crop over the longer side of the mesh's box

struct Kind {
  std::int64_t input, values;
  bool aligned;
};
constexpr std::array<Kind, 2> kKinds = {{{224, 1024, false}, {112, 256, true}}};

}  // namespace

FaceEmbedding::FaceEmbedding(const std::filesystem::path& network) : network_(network) {
  using Shape = std::vector<std::int64_t>;
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& known) {
    return network_.input().shape == Shape{1, known.input, known.input, 3} &&
           network_.outputs().size() == 1 && network_.outputs()[0].shape == Shape{1, known.values};
  });
  if (kind == kKinds.end()) {
    throw Error(ErrorCode::kModel, network.string() +
                                       " is not a face embedding: it must turn a 224x224 picture "
                                       "into 1024 numbers or a 112x112 picture into 256");
  }
  aligned_ = kind->aligned;
}

std::size_t FaceEmbedding::size() const {
  return static_cast<std::size_t>(network_.outputs()[0].shape[1]);
}

std::vector<float> FaceEmbedding::embed(const Image& image, const FaceMesh& mesh) const {
  FaceRegion region = aligned_ ? aligned_region(mesh) : region_of(mesh);
  if (!aligned_) region.size *= kMargin / kRegionScale;
  const auto side = static_cast<int>(network_.input().shape[1]);
  const auto outside = aligned_ ? Outside::kBlack : Outside::kNearest;
  auto values = network_.run(sample_region(image, region, side, 0, 255, outside)).front();
  double square = 0;
  for (const float value : values) square += static_cast<double>(value) * value;
  const auto length = static_cast<float>(std::sqrt(square));
  if (length > 0) {
    for (float& value : values) value /= length;
  }
  return values;
}

}  // namespace visema
