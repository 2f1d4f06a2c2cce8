#pragma once

#include <torch/torch.h>

namespace visema::training {

struct RendererLoss {
  torch::Tensor total;
  torch::Tensor l1;  // plain, mean over the mask
};

/// Picture that the renderer shows: m rgb + (1 - m) A. output [N,4,H,W], planes [N,13,H,W].
torch::Tensor blended(const torch::Tensor& output, const torch::Tensor& planes);

/// Weight of each pixel [N,1,H,W]: the mask, twice on the lips, three times between them.
torch::Tensor pixel_weight(const torch::Tensor& planes);

/// Mean absolute difference of colours, each pixel weighted.
torch::Tensor weighted_l1(const torch::Tensor& picture, const torch::Tensor& target,
                          const torch::Tensor& weight);

/// Difference of colours at three scales and of gradients, weighted by pixel_weight, and structural
/// similarity (Wang et al. 2004) of the luminance; blending away from the mouth costs a little.
RendererLoss reconstruction_loss(const torch::Tensor& output, const torch::Tensor& planes,
                                 const torch::Tensor& target);

/// Mean absolute difference over the mask, per sample [N].
torch::Tensor masked_l1(const torch::Tensor& picture, const torch::Tensor& target,
                        const torch::Tensor& planes);

}  // namespace visema::training
