#pragma once

#include <torch/torch.h>

#include <functional>

#include "renderer_loss_weights.h"

namespace visema::training {

/// How far apart pictures [N,3,S,S], r g b in 0..1, are to what looks at them: one number.
using PictureDistance =
    std::function<torch::Tensor(const torch::Tensor& made, const torch::Tensor& real)>;

struct RendererLoss {
  torch::Tensor total;
  torch::Tensor l1;  // plain, mean over the mask
};

/// Picture that the renderer shows: m rgb + (1 - m) A. output [N,4,H,W], planes [N,13,H,W].
torch::Tensor blended(const torch::Tensor& output, const torch::Tensor& planes);

/// Weight of each pixel [N,1,H,W]: the mask, on the lips 1 + `lips` times, between them
/// 1 + 2 `lips` times.
torch::Tensor pixel_weight(const torch::Tensor& planes, double lips = 1);

/// Mean absolute difference of colours, each pixel weighted.
torch::Tensor weighted_l1(const torch::Tensor& picture, const torch::Tensor& target,
                          const torch::Tensor& weight);

/// The parts of RendererLossWeights that need no other network, weighted by pixel_weight.
RendererLoss reconstruction_loss(const torch::Tensor& output, const torch::Tensor& planes,
                                 const torch::Tensor& target,
                                 const RendererLossWeights& weights = {});

/// Mean absolute difference over the mask, per sample [N].
torch::Tensor masked_l1(const torch::Tensor& picture, const torch::Tensor& target,
                        const torch::Tensor& planes);

}  // namespace visema::training
