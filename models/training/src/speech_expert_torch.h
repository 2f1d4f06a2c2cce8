#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "speech_model_torch.h"

namespace visema::training {

/// Hears whether a movement of the lips belongs to a sound: two small towers trained on real lips
/// beside the speech network, whose own lips it then judges (after Prajwal et al. 2020, whose
/// judge is fixed). It sees coefficients of the lower face, not pictures, and is no part of the
/// judge of `visema eval`.
class SpeechExpert : public torch::nn::Module {
 public:
  explicit SpeechExpert(std::int64_t lower);

  /// Embeddings of the sound at the moments, [B, T, 64].
  torch::Tensor hear(const SpeechBatch& sound);
  /// Cross-entropy of each window of `lower` [B, T, lower] (divided by its deviation) among the
  /// sounds of all moments of the batch; `valid` [B, T]. Windows with an invalid frame do not
  /// count.
  torch::Tensor loss(const torch::Tensor& lower, const torch::Tensor& valid,
                     const torch::Tensor& heard);

 private:
  torch::Tensor lips(const torch::Tensor& lower);

  torch::nn::Linear lips_{nullptr}, lips_head_{nullptr};
  torch::nn::Linear sound_[3] = {nullptr, nullptr, nullptr};
  torch::nn::Linear sound_head_{nullptr};
  torch::nn::LayerNorm lips_norm_{nullptr}, sound_norm_{nullptr};
};

}  // namespace visema::training
