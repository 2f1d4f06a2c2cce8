#pragma once

#include <torch/torch.h>

#include <string>

#include "ip_lap_weights_torch.h"

namespace visema {

/// IP-LAP's renderer as it is written down: every layer by itself, one reference after the other,
/// all of it for every frame; in batches and with gradients. The measure of the network that the
/// engine runs, for numbers and for speed, and what training moves.
class IpLapPlainRenderer {
 public:
  /// `weights`: of ip_lap_renderer_tensors(); must outlive it.
  explicit IpLapPlainRenderer(const IpLapWeights& weights) : weights_(weights) {}

  /// Pictures are 128 x 128 where the engine runs; any even side will do here.
  struct Input {
    torch::Tensor face;              // [B, 3, 128, 128]; its lower half is not looked at
    torch::Tensor sketches;          // [B, 5, 3, 128, 128]
    torch::Tensor pictures;          // [B, N, 3, 128, 128], the references
    torch::Tensor picture_sketches;  // [B, N, 3, 128, 128]
    torch::Tensor mel;               // [B, 80, 16]
  };
  struct Painted {
    torch::Tensor face, warped;  // [B, 3, 128, 128]
  };
  Painted paint(const Input& input) const;
  /// The references, warped and blended; all that precedes painting.
  torch::Tensor warp(const Input& input) const;

 private:
  struct Warped {
    torch::Tensor picture, fine, coarse;
  };
  torch::Tensor modulated(const torch::Tensor& x, const torch::Tensor& by,
                          const std::string& name) const;
  torch::Tensor spade(torch::Tensor x, torch::Tensor by, const std::string& name) const;
  torch::Tensor adain(torch::Tensor x, const torch::Tensor& by, const std::string& name) const;
  struct Features {
    torch::Tensor fine, coarse;
  };
  Features stem(const torch::Tensor& x, const std::string& name) const;
  Warped blend(const Input& input) const;

  const IpLapWeights& weights_;
};

}  // namespace visema
