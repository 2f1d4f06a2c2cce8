#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "visema/core/landmark_frame.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/models/tensor_file.h"

namespace visema {

/// What a face does, in numbers: `lower` for lips, jaw and lower cheeks, `upper` for brows, lids
/// and upper cheeks. Both zero is the rest face.
struct ArticulationCoefficients {
  std::vector<float> lower;
  std::vector<float> upper;
};

/// Linear basis of the offsets of a face from its rest, canonical units:
/// offset = sum_k lower_k * lower_row_k + sum_k upper_k * upper_row_k. Rows are sorted by what they
/// explain and need not be orthogonal; coefficients are the inner products with the project rows,
/// which give back exactly what made an offset and the weighted least-squares fit to any other.
/// Immutable, may be shared between threads.
///
/// Tensors (in basis.safetensors, or in a weight file behind a prefix), F32: lower [K1,478,3],
/// lower_project [K1,478,3], lower_std [K1], and the same for upper. A file without the project
/// rows has orthonormal rows that project themselves.
class ArticulationBasis {
 public:
  /// One region's part; row-major, K * 478 * 3.
  struct Part {
    std::vector<float> rows;
    std::vector<float> project;
    std::vector<float> deviation;  // K; root mean square of each coefficient in the training data
    int size() const { return static_cast<int>(deviation.size()); }
  };

  /// Throws Error(kInternal) when the sizes do not agree.
  ArticulationBasis(Part lower, Part upper);
  /// Throws Error(kModel) that names the file and the tensor.
  static ArticulationBasis load(const std::filesystem::path& path);
  static ArticulationBasis load(const TensorFile& file, const std::string& prefix = "");

  const Part& lower() const { return lower_; }
  const Part& upper() const { return upper_; }

  FaceMesh offset(std::span<const float> lower, std::span<const float> upper = {}) const;
  FaceMesh offset(const ArticulationCoefficients& coefficients) const;
  ArticulationCoefficients coefficients(const FaceMesh& offset) const;

  /// Views for write_tensor_file, valid as long as the basis.
  std::map<std::string, Tensor> tensors(const std::string& prefix = "") const;
  void save(const std::filesystem::path& path,
            const std::map<std::string, std::string>& metadata = {}) const;

 private:
  Part lower_;
  Part upper_;
};

/// Fits a basis to a stream of offsets: principal components about zero (the rest face) of each
/// region, lips counting three times. Memory does not depend on the number of frames. Adding a
/// frame costs about 1 MFLOP.
class BasisFitter {
 public:
  struct Options {
    int lower_size = 32;
    int upper_size = 16;
    double lip_weight = 3;
  };

  explicit BasisFitter(const CanonicalFace& face);
  BasisFitter(const CanonicalFace& face, Options options);
  ~BasisFitter();
  BasisFitter(BasisFitter&&) noexcept;
  BasisFitter& operator=(BasisFitter&&) noexcept;

  /// `weight`: how much the frame counts, e.g. the weight of its source. Frames that are not finite
  /// are skipped.
  void add(const FaceMesh& offset, double weight = 1);
  /// Throws Error(kInput) with fewer frames than components.
  ArticulationBasis fit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
