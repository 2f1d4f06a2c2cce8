#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "renderer_loss_torch.h"

namespace visema::training {

/// Judges 96x96 windows about the mouth, given the lip maps: [N,5,S,S] (colours, inner and outer
/// lip distances) to patch scores; spectrally normalised (Miyato et al. 2018), hinge loss.
class MouthDiscriminator : public torch::nn::Module {
 public:
  MouthDiscriminator();
  /// Outputs of the hidden layers, then the scores.
  std::vector<torch::Tensor> forward(const torch::Tensor& window);

 private:
  struct Layer {
    torch::Tensor weight, bias, left;
    int stride;
  };
  void add_layer(std::int64_t in, std::int64_t out, int kernel, int stride);
  std::vector<Layer> layers_;
};

/// Windows [N,5,S,S] of pictures [N,3,H,W], S = min(96, H, W), centred on each mouth.
torch::Tensor mouth_windows(const torch::Tensor& pictures, const torch::Tensor& planes);

/// Hinge loss of the judge on real and made windows (both without gradient to the generator).
torch::Tensor judge_loss(MouthDiscriminator& judge, const torch::Tensor& real,
                         const torch::Tensor& made);
/// What the generator pays: the made windows' scores and how their features differ from the real's.
torch::Tensor adversarial_loss(MouthDiscriminator& judge, const torch::Tensor& real,
                               const torch::Tensor& made);

}  // namespace visema::training
