#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "speech_model_torch.h"
#include "speech_sampler.h"
#include "visema/models/speech_basis.h"

namespace visema::training {

/// Inputs and targets of one batch on the device.
struct SpeechTensors {
  SpeechBatch input;
  torch::Tensor lower;     // [B, lower]
  torch::Tensor upper;     // [B, upper]
  torch::Tensor rest_gap;  // [B]
};
SpeechTensors to_tensors(const SpeechSamples& samples, const SpeechBasis& basis,
                         torch::Device device);

/// What the speech network is trained for, on the points of the face: their places (inner lips
/// most), how they move in 40 ms, how far the lips open (most where they touch), and that the mouth
/// moves as far as real mouths do (spread over the batch), against regression to the mean.
class SpeechLoss {
 public:
  SpeechLoss(const SpeechBasis& basis, torch::Device device);

  struct Value {
    torch::Tensor total;
    std::vector<std::pair<std::string, torch::Tensor>> parts;
  };
  /// The second half of the batch is the first half, 40 ms later.
  Value operator()(const SpeechOutput& output, const SpeechTensors& targets) const;

 private:
  torch::Tensor on_points(const torch::Tensor& coefficient_error) const;

  torch::Tensor rows_;          // [lower, 478 * 3]
  torch::Tensor point_weight_;  // [478 * 3], sums to 1
  torch::Tensor gap_row_;       // [lower]
  torch::Tensor lower_deviation_, upper_deviation_;
};

}  // namespace visema::training
