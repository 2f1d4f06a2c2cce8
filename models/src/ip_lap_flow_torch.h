#pragma once

#include <torch/torch.h>

#include <array>
#include <vector>

#include "ip_lap_blocks_torch.h"
#include "visema/models/tensor_file.h"

namespace visema {

/// The half of the renderer that warps the references to the target's sketches and blends them.
class IpLapFlow {
 public:
  IpLapFlow(const TensorFile& file, const IpLapPlace& place);

  /// Of references: pictures [N, 3, 128, 128], 32 planes of that size and 256 of half the size.
  struct Layers {
    torch::Tensor picture, fine, coarse;
  };
  /// pictures and their sketches [N, 3, 128, 128]
  Layers encode(const torch::Tensor& pictures, const torch::Tensor& sketches) const;
  /// sketches [1, 15, 128, 128] -> the blend, N = 1
  Layers blend(const Layers& references, const torch::Tensor& sketches) const;

 private:
  using Maps = std::array<torch::Tensor, 6>;  // of both layers of each pair
  struct Course {
    torch::Tensor flow, weight;  // [N, 2, 128, 128] in pixels, [N, 1, 128, 128]
  };
  Maps modulate(const torch::Tensor& sketches) const;
  Course course_of(const torch::Tensor& coarse, const Maps& maps) const;
  Layers blend_by_kernel(const Layers& references, const Maps& maps) const;
  Layers blend_batched(const Layers& references, const Maps& maps) const;

  IpLapPlace place_;
  IpLapStem stem_;
  std::vector<IpLapModulator> modulators_;
  std::vector<IpLapPair> pairs_;
  IpLapConvolution head_, weight_;
};

}  // namespace visema
