#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "visema/models/tensor_file.h"
#include "visema/models/weight_card.h"

namespace visema {

/// Fills every parameter and buffer of the module from the tensors named `prefix` + its name.
/// Throws Error(kModel) that names the tensor which is missing or has another shape, and the file.
void load_weights(torch::nn::Module& module, const TensorFile& file, const std::string& prefix);

/// Numbers of a tensor file in the making. Keeps what write() views.
class WeightWriter {
 public:
  /// Every parameter and buffer as `prefix` + its name: vectors as F32, all else as F16.
  void add(const torch::nn::Module& module, const std::string& prefix);
  void add(const std::string& name, const torch::Tensor& values, bool half);
  void add(const std::string& name, std::vector<float> values, std::vector<std::int64_t> shape);
  /// Throws Error(kOutput).
  void write(const std::filesystem::path& path,
             const std::map<std::string, std::string>& metadata) const;

 private:
  struct Floats {
    std::vector<std::int64_t> shape;
    std::vector<float> full;
    std::vector<std::uint16_t> half;
  };
  std::map<std::string, Floats> tensors_;
};

/// F32 tensor of this shape on the CPU. Throws like TensorFile::floats.
torch::Tensor read_tensor(const TensorFile& file, const std::string& name,
                          const std::vector<std::int64_t>& shape);

}  // namespace visema
