#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "graph_module_torch.h"

namespace visema::training {

/// Distance of pictures by what an installed network sees in them, `picture.perceptual` of
/// docs/metrics.md with gradients: features at several depths, channels scaled to length 1, squared
/// difference, mean over places, then depths.
class PerceptualLoss {
 public:
  /// `network`: models/mobilenet_features.safetensors. Throws Error(kModel).
  PerceptualLoss(const std::filesystem::path& network, torch::Device device);
  /// Planes r g b in 0..1, [B, 3, S, S]; no gradient reaches `wanted`.
  torch::Tensor operator()(const torch::Tensor& made, const torch::Tensor& wanted) const;

 private:
  std::vector<torch::Tensor> features(const torch::Tensor& pictures) const;

  std::int64_t side_ = 0;  // of the network's input
  std::unique_ptr<GraphModule> network_;
};

}  // namespace visema::training
