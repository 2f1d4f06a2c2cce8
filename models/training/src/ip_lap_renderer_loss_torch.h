#pragma once

#include <torch/torch.h>

#include <vector>

namespace visema::training {

/// Judges patches of faces [B, 3, S, S] at two scales (Wang et al. 2018, pix2pixHD): the judge that
/// IP-LAP was published with.
class FaceJudge : public torch::nn::Module {
 public:
  FaceJudge();
  /// For each scale the outputs of the hidden layers, then the scores.
  std::vector<std::vector<torch::Tensor>> forward(torch::Tensor x) const;

 private:
  struct Layer {
    torch::Tensor weight, bias;
  };
  std::vector<std::vector<Layer>> scales_;
};

/// Least squares (Mao et al. 2017), summed over the scales, half of it: real faces should get 1,
/// made ones 0. Without gradient to the made faces' maker.
torch::Tensor judge_loss(const FaceJudge& judge, const torch::Tensor& real,
                         const torch::Tensor& made);

/// What the maker pays: made faces should get 1, summed over the scales; and the L1 distance of
/// their hidden layers from the real ones', mean over the scales, summed over the layers.
struct AdversarialLoss {
  torch::Tensor scores, features;
};
AdversarialLoss adversarial_loss(const FaceJudge& judge, const torch::Tensor& real,
                                 const torch::Tensor& made);

}  // namespace visema::training
