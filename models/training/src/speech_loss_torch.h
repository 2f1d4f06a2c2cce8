#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "speech_loss_weights.h"
#include "speech_model_torch.h"
#include "speech_sampler.h"
#include "visema/models/speech_basis.h"

namespace visema::training {

/// Inputs and targets of one batch on the device.
struct SpeechTensors {
  SpeechBatch input;
  torch::Tensor lower;     // [B, T, lower]
  torch::Tensor upper;     // [B, T, upper]
  torch::Tensor valid;     // [B, T]
  torch::Tensor rest_gap;  // [B]
};
SpeechTensors to_tensors(const SpeechSamples& samples, const SpeechBasis& basis,
                         torch::Device device);

/// What the speech network is trained for, on the points of the face: their places (inner lips
/// most), how they move from moment to moment, how far the lips open (most where they touch), that
/// the mouth moves as far as real mouths do (spread over the batch) and when they do (correlation
/// in each piece), against regression to the mean.
class SpeechLoss {
 public:
  SpeechLoss(const SpeechBasis& basis, torch::Device device, const SpeechLossWeights& weights);

  struct Value {
    torch::Tensor total;
    std::vector<std::pair<std::string, torch::Tensor>> parts;
  };
  Value operator()(const SpeechOutput& output, const SpeechTensors& targets) const;

  /// Coefficients of the lower face as the network says them.
  torch::Tensor in_deviations(const torch::Tensor& lower) const { return lower / lower_deviation_; }

 private:
  torch::Tensor on_points(const torch::Tensor& coefficient_error, const torch::Tensor& valid) const;

  SpeechLossWeights weights_;
  torch::Tensor rows_;          // [lower, 478 * 3]
  torch::Tensor point_weight_;  // [478 * 3], sums to 1
  torch::Tensor gap_row_;       // [lower]
  torch::Tensor lower_deviation_, upper_deviation_;
};

}  // namespace visema::training
