#pragma once

#include <torch/torch.h>

#include "ip_lap_weights_torch.h"

namespace visema {

/// IP-LAP's landmark generator as it is written down, in batches and with gradients. The measure of
/// the network that the engine runs, and what training moves.
class IpLapPlainLandmarks {
 public:
  /// Of PyTorch's transformer layers in training.
  static constexpr double kDropout = 0.1;

  /// `weights`: of ip_lap_landmark_tensors(); must outlive it.
  explicit IpLapPlainLandmarks(const IpLapWeights& weights) : weights_(weights) {}

  struct Input {
    torch::Tensor mels;               // [B, 5, 80, 16]
    torch::Tensor poses;              // [B, 5, 2, 74]
    torch::Tensor reference_poses;    // [B, 15, 2, 74]
    torch::Tensor reference_content;  // [B, 15, 2, 57]
  };
  /// -> lips and jaw [B, 5, 2, 57]
  torch::Tensor forward(const Input& input) const;

  // Its parts, for those who need some of them once only; embeddings are [N, 512].
  torch::Tensor hear(const torch::Tensor& mels) const;              // [N, 80, 16]
  torch::Tensor see_poses(const torch::Tensor& poses) const;        // [N, 2, 74]
  torch::Tensor see_references(const torch::Tensor& points) const;  // [N, 2, 131]
  /// [B, 15, 512], [B, 5, 512], [B, 5, 512] -> [B, 5, 2, 57]
  torch::Tensor say(const torch::Tensor& references, const torch::Tensor& sound,
                    const torch::Tensor& poses) const;

 private:
  torch::Tensor normed(const torch::Tensor& x, const std::string& name) const;
  torch::Tensor drop(const torch::Tensor& x) const;
  torch::Tensor attend(const torch::Tensor& tokens, const std::string& layer) const;
  torch::Tensor mix(torch::Tensor tokens, const std::string& layer) const;

  const IpLapWeights& weights_;
};

}  // namespace visema
