#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "ip_lap_layers.h"
#include "visema/models/tensor_file.h"

namespace visema {

/// A convolution with the batch normalisation after it folded in.
struct IpLapFolded {
  torch::Tensor weight, bias;
  void to(torch::Device device, torch::ScalarType type);
};
/// Reads `layer` (its bias may be missing) and the normalisation `norm`.
IpLapFolded fold_ip_lap(const TensorFile& file, const std::string& layer, const std::string& norm,
                        const std::vector<std::int64_t>& shape);

/// A stack of blocks, [N, C, H, W] or [N, C, W] -> [N, 512].
class IpLapEncoder {
 public:
  /// Ends with tanh in the landmark network, with ReLU in the renderer.
  enum class Last { kTanh, kRelu };
  IpLapEncoder(const TensorFile& file, const std::string& name, const IpLapEncoderLayout& layout,
               Last last, torch::Device device);
  torch::Tensor forward(torch::Tensor x) const;

 private:
  const IpLapEncoderLayout& layout_;
  Last last_;
  std::vector<IpLapFolded> layers_;
};

}  // namespace visema
