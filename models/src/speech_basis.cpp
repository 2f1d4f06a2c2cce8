#include "visema/models/speech_basis.h"

#include <cassert>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::size_t kNumbers = std::size_t{kMeshPoints} * 3;

BasisPart read_part(const TensorFile& file, const std::string& name) {
  BasisPart part;
  part.deviation = file.floats(name + "_std");
  part.count = static_cast<std::int64_t>(part.deviation.size());
  for (const float value : part.deviation)
    if (!(value > 0))
      throw Error(ErrorCode::kModel, file.source() + ": " + name + "_std holds " +
                                         std::to_string(value) + ": must be positive");
  const std::vector<std::int64_t> shape = {part.count, kMeshPoints, 3};
  part.rows = file.floats(name, shape);
  const std::string project = name + "_project";
  part.project = file.contains(project) ? file.floats(project, shape) : part.rows;
  return part;
}

}  // namespace

SpeechBasis SpeechBasis::read(const TensorFile& file, const std::string& prefix) {
  return {read_part(file, prefix + "lower"), read_part(file, prefix + "upper")};
}

void project(const BasisPart& part, const FaceMesh& offset, std::span<float> coefficients) {
  assert(coefficients.size() == static_cast<std::size_t>(part.count));
  const float* row = part.project.data();
  for (float& coefficient : coefficients) {
    float sum = 0;
    for (const Point3& p : offset) {
      sum += p.x * row[0] + p.y * row[1] + p.z * row[2];
      row += 3;
    }
    coefficient = sum;
  }
}

void add_offset(const BasisPart& part, std::span<const float> coefficients, float gain,
                FaceMesh& offset) {
  assert(coefficients.size() == static_cast<std::size_t>(part.count));
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    const float* row = &part.rows[k * kNumbers];
    const float c = gain * coefficients[k];
    for (Point3& p : offset) {
      p.x += c * row[0];
      p.y += c * row[1];
      p.z += c * row[2];
      row += 3;
    }
  }
}

}  // namespace visema
