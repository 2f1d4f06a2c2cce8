#include "visema/landmarks/articulation_basis.h"

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::int64_t kAxes = 3;
constexpr std::size_t kNumbers = std::size_t{kMeshPoints} * kAxes;

void check(const ArticulationBasis::Part& part, const char* name) {
  const std::size_t expected = part.deviation.size() * kNumbers;
  if (part.rows.size() == expected && part.project.size() == expected) return;
  throw Error(ErrorCode::kInternal, std::string("articulation basis: ") + name + " has " +
                                        std::to_string(part.deviation.size()) + " deviations, " +
                                        std::to_string(part.rows.size()) + " row and " +
                                        std::to_string(part.project.size()) +
                                        " project numbers, must be " + std::to_string(expected) +
                                        " each");
}

void add_rows(FaceMesh& mesh, const ArticulationBasis::Part& part, std::span<const float> values,
              const char* name) {
  if (!values.empty() && values.size() != part.deviation.size()) {
    throw Error(ErrorCode::kInternal, std::string("articulation basis: ") +
                                          std::to_string(values.size()) + ' ' + name +
                                          " coefficients, must be " + std::to_string(part.size()));
  }
  const float* row = part.rows.data();
  for (const float value : values) {
    for (Point3& p : mesh) {
      p.x += value * row[0];
      p.y += value * row[1];
      p.z += value * row[2];
      row += kAxes;
    }
  }
}

std::vector<float> inner_products(const FaceMesh& mesh, const ArticulationBasis::Part& part) {
  std::vector<float> out(part.deviation.size());
  const float* row = part.project.data();
  for (float& value : out) {
    double sum = 0;
    for (const Point3& p : mesh) {
      sum += double{p.x} * row[0] + double{p.y} * row[1] + double{p.z} * row[2];
      row += kAxes;
    }
    value = static_cast<float>(sum);
  }
  return out;
}

ArticulationBasis::Part load_part(const TensorFile& file, const std::string& name) {
  ArticulationBasis::Part part;
  part.deviation = file.floats(name + "_std");
  const std::vector<std::int64_t> shape = {part.size(), kMeshPoints, kAxes};
  part.rows = file.floats(name, shape);
  const std::string project = name + "_project";
  part.project = file.contains(project) ? file.floats(project, shape) : part.rows;
  return part;
}

void add_tensors(std::map<std::string, Tensor>& tensors, const ArticulationBasis::Part& part,
                 const std::string& name) {
  const std::vector<std::int64_t> shape = {part.size(), kMeshPoints, kAxes};
  tensors[name] = view_of(std::span(part.rows), shape);
  tensors[name + "_project"] = view_of(std::span(part.project), shape);
  tensors[name + "_std"] = view_of(std::span(part.deviation), {part.size()});
}

}  // namespace

ArticulationBasis::ArticulationBasis(Part lower, Part upper)
    : lower_(std::move(lower)), upper_(std::move(upper)) {
  check(lower_, "lower");
  check(upper_, "upper");
}

ArticulationBasis ArticulationBasis::load(const std::filesystem::path& path) {
  return load(TensorFile::open(path));
}

ArticulationBasis ArticulationBasis::load(const TensorFile& file, const std::string& prefix) {
  return {load_part(file, prefix + "lower"), load_part(file, prefix + "upper")};
}

FaceMesh ArticulationBasis::offset(std::span<const float> lower,
                                   std::span<const float> upper) const {
  FaceMesh mesh{};
  add_rows(mesh, lower_, lower, "lower");
  add_rows(mesh, upper_, upper, "upper");
  return mesh;
}

FaceMesh ArticulationBasis::offset(const ArticulationCoefficients& c) const {
  return offset(c.lower, c.upper);
}

ArticulationCoefficients ArticulationBasis::coefficients(const FaceMesh& offset) const {
  return {inner_products(offset, lower_), inner_products(offset, upper_)};
}

std::map<std::string, Tensor> ArticulationBasis::tensors(const std::string& prefix) const {
  std::map<std::string, Tensor> out;
  add_tensors(out, lower_, prefix + "lower");
  add_tensors(out, upper_, prefix + "upper");
  return out;
}

void ArticulationBasis::save(const std::filesystem::path& path,
                             const std::map<std::string, std::string>& metadata) const {
  write_tensor_file(path, tensors(), metadata);
}

}  // namespace visema
