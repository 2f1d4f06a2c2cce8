#include "speech_mirror.h"

#include "renderer_mirror.h"

namespace visema::training {

std::vector<float> mirror_matrix(const BasisPart& part, const FaceMesh& rest) {
  const MirrorMap map = mirror_map(rest);
  const auto count = static_cast<std::size_t>(part.count);
  std::vector<float> matrix(count * count);
  std::vector<float> coefficients(count);
  FaceMesh mirrored;
  for (std::size_t k = 0; k < count; ++k) {
    const float* row = &part.rows[k * kMeshPoints * 3];
    for (int i = 0; i < kMeshPoints; ++i) {
      const float* from = row + std::ptrdiff_t{3} * map[i];
      mirrored[i] = {-from[0], from[1], from[2]};
    }
    project(part, mirrored, coefficients);
    for (std::size_t j = 0; j < count; ++j) matrix[j * count + k] = coefficients[j];
  }
  return matrix;
}

}  // namespace visema::training
