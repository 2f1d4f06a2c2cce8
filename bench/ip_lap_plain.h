#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

#include "visema/models/tensor_file.h"

namespace visema::bench {

/// The renderer of IP-LAP (Zhong et al. 2023) as it is written down: every layer by itself, one
/// reference after the other, all of it for every frame. The measure of the network that the
/// engine runs, for numbers and for speed.
class IpLapPlainRenderer {
 public:
  explicit IpLapPlainRenderer(const TensorFile& weights);

  struct Painted {
    torch::Tensor face, warped;  // [1, 3, 128, 128]
  };
  /// face [1, 3, 128, 128], sketches [1, 5, 3, 128, 128], pictures and their sketches
  /// [N, 3, 128, 128], mel [1, 1, 80, 16].
  Painted paint(const torch::Tensor& face, const torch::Tensor& sketches,
                const torch::Tensor& pictures, const torch::Tensor& picture_sketches,
                const torch::Tensor& mel) const;

 private:
  struct Warped {
    torch::Tensor picture, fine, coarse;
  };
  torch::Tensor convolve(const torch::Tensor& x, const std::string& name, int stride,
                         int padding) const;
  torch::Tensor normalised(const torch::Tensor& x, const std::string& name) const;
  torch::Tensor linear(const torch::Tensor& x, const std::string& name) const;
  torch::Tensor modulated(const torch::Tensor& x, const torch::Tensor& by,
                          const std::string& name) const;
  torch::Tensor spade(torch::Tensor x, torch::Tensor by, const std::string& name) const;
  torch::Tensor adain(torch::Tensor x, const torch::Tensor& by, const std::string& name) const;
  torch::Tensor sound(torch::Tensor mel) const;
  Warped warp(const torch::Tensor& sketches, const torch::Tensor& pictures,
              const torch::Tensor& picture_sketches) const;

  std::map<std::string, torch::Tensor> weights_;
};

}  // namespace visema::bench
