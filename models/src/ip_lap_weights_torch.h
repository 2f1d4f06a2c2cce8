#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ip_lap_encoder_torch.h"
#include "ip_lap_layers.h"
#include "visema/models/tensor_file.h"
#include "visema/models/weight_card.h"

namespace visema {

/// The numbers of one of IP-LAP's networks under their published names, and its layers one by one
/// as they are written down, to train or to measure the engine's formulation by. Batch
/// normalisation and dropout follow is_training().
class IpLapWeights : public torch::nn::Module {
 public:
  /// Random as PyTorch's layers begin. `layout` must outlive it.
  explicit IpLapWeights(const std::vector<IpLapTensor>& layout);
  /// Throws Error(kModel) that names the file and the tensor.
  void load(const TensorFile& file);
  /// As `visema import ip-lap` writes it. Throws Error(kOutput).
  void save(const std::filesystem::path& path, const WeightCard& card) const;

  const std::vector<IpLapTensor>& layout() const { return layout_; }
  const torch::Tensor& at(const std::string& name) const { return tensors_.at(name); }
  /// Means and variances of batch normalisation, which no optimizer moves.
  std::map<std::string, torch::Tensor> statistics() const;

  torch::Tensor convolve(const torch::Tensor& x, const std::string& name, int stride,
                         int padding) const;
  torch::Tensor linear(const torch::Tensor& x, const std::string& name) const;
  torch::Tensor batch_norm(const torch::Tensor& x, const std::string& name) const;
  /// [N, C, H, W] or [N, C, W] -> [N, 512]
  torch::Tensor encode(torch::Tensor x, const std::string& name, const IpLapEncoderLayout& layout,
                       IpLapEncoder::Last last) const;

 private:
  torch::Tensor bias_of(const std::string& name) const;

  const std::vector<IpLapTensor>& layout_;
  std::map<std::string, torch::Tensor> tensors_;
};

}  // namespace visema
