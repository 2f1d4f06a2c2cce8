#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace visema {

/// Dimensions of the speech network, the config of its weight file.
struct SpeechConfig {
  std::int64_t width = 128;
  std::int64_t heads = 4;
  std::int64_t layers = 2;
  std::int64_t hidden = 256;
  std::int64_t fourier = 8;  // frequencies of the distance in time between a moment and a sound
  std::int64_t lower = 32;   // coefficients
  std::int64_t upper = 16;
  std::int64_t encoded = 0;  // features of a SpeechEncoder beside the log-mel, 0: none
  double dropout = 0.1;
  double encoded_dropout = 0.2;

  std::string to_json() const;
  /// Throws Error(kModel) that names `source`.
  static SpeechConfig from_json(const std::string& json, const std::string& source);
};

/// Pieces of sound and moments in them.
struct SpeechBatch {
  torch::Tensor mel;         // [B, M, 80] in -4..4
  torch::Tensor encoded;     // [B, M, encoded], 0 where there is no sound; undefined for none
  torch::Tensor positions;   // [B, T] moments in mel frames from the start of `mel`, each with
                             // kSpeechBefore frames before its floor and kSpeechAfter after it
  torch::Tensor references;  // [B, 4, lower] divided by their deviation
  torch::Tensor present;     // [B, 4] 1 where a reference is given
};

struct SpeechOutput {
  torch::Tensor lower;   // [B, T, lower] divided by their deviation
  torch::Tensor upper;   // [B, T, upper]
  torch::Tensor closed;  // [B, T] logit
};

/// [B, M, C] -> [B, M - (count - 1) * dilation, count * C]: frames `dilation` apart side by side.
torch::Tensor side_by_side(const torch::Tensor& frames, std::int64_t count, std::int64_t dilation);

/// Residual block over time: three frames `dilation` apart, around each frame or up to it.
class SpeechBlock : public torch::nn::Module {
 public:
  SpeechBlock(std::int64_t width, std::int64_t dilation, bool causal);
  /// [B, M, width] -> [B, M - 2 * dilation, width]
  torch::Tensor forward(const torch::Tensor& frames);

 private:
  std::int64_t dilation_;
  bool causal_;
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear spread_{nullptr}, merge_{nullptr};
};

/// Pre-norm transformer layer in which moments look at the sound before them and at the references;
/// the attention is written out, so that every LibTorch computes the same.
class SpeechLayer : public torch::nn::Module {
 public:
  explicit SpeechLayer(const SpeechConfig& config);
  /// moments [B, T, width]; sound [B, M, width]; references [B, 4, width]; distance
  /// [B, T, M, 2 * fourier]; key_bias [B, 1, T, M + 4] -> [B, T, width]
  torch::Tensor forward(const torch::Tensor& moments, const torch::Tensor& sound,
                        const torch::Tensor& references, const torch::Tensor& distance,
                        const torch::Tensor& key_bias);

 private:
  std::int64_t heads_;
  double dropout_;
  torch::nn::LayerNorm attention_norm_{nullptr}, hidden_norm_{nullptr};
  torch::nn::Linear query_{nullptr}, key_value_{nullptr}, reference_{nullptr}, merge_{nullptr};
  torch::nn::Linear distance_{nullptr}, expand_{nullptr}, contract_{nullptr};
};

/// See SpeechNetwork. Convolutions over the sound that all moments share, then a transformer whose
/// queries are the moments. What it says of a moment depends on kSpeechBefore + 1 + kSpeechAfter
/// mel frames alone, so that a piece with many moments gives in training what a window for each of
/// them gives at work.
class SpeechModel : public torch::nn::Module {
 public:
  explicit SpeechModel(SpeechConfig config = {});
  SpeechOutput forward(const SpeechBatch& batch);
  const SpeechConfig& config() const { return config_; }
  /// What the encoder's features are in the mean, and 1 / their deviation; [encoded] each.
  void know_encoded(const torch::Tensor& mean, const torch::Tensor& scale);

 private:
  torch::Tensor sound_features(const SpeechBatch& batch);

  SpeechConfig config_;
  torch::nn::Linear first_{nullptr}, encoded_{nullptr}, reference_{nullptr}, head_{nullptr};
  torch::nn::LayerNorm sound_norm_{nullptr}, head_norm_{nullptr};
  torch::Tensor reference_bias_, frequency_, encoded_mean_, encoded_scale_;
  std::vector<std::shared_ptr<SpeechBlock>> blocks_;
  std::vector<std::shared_ptr<SpeechLayer>> layers_;
};

}  // namespace visema
