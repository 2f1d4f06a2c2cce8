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
  std::int64_t layers = 3;
  std::int64_t hidden = 256;
  std::int64_t fourier = 32;  // frequencies of the time encoding
  std::int64_t lower = 32;    // coefficients
  std::int64_t upper = 16;
  std::int64_t near = 12;  // last sound tokens that the query starts from, about 0.3 s
  double dropout = 0.05;

  std::string to_json() const;
  /// Throws Error(kModel) that names `source`.
  static SpeechConfig from_json(const std::string& json, const std::string& source);
};

struct SpeechBatch {
  torch::Tensor mel;          // [B, 76, 80] in -4..4
  torch::Tensor last_offset;  // [B] seconds
  torch::Tensor references;   // [B, 4, lower] divided by their deviation
  torch::Tensor present;      // [B, 4] 1 where a reference is given
};

struct SpeechOutput {
  torch::Tensor lower;   // [B, lower] divided by their deviation
  torch::Tensor upper;   // [B, upper]
  torch::Tensor closed;  // [B] logit
};

/// Pre-norm transformer layer with the attention written out, so that every LibTorch computes the
/// same. Only the first `queries` tokens are updated and returned (0: all).
class SpeechLayer : public torch::nn::Module {
 public:
  explicit SpeechLayer(const SpeechConfig& config);
  torch::Tensor forward(const torch::Tensor& tokens, const torch::Tensor& key_bias,
                        std::int64_t queries);

 private:
  std::int64_t heads_;
  double dropout_;
  torch::nn::LayerNorm attention_norm_{nullptr}, hidden_norm_{nullptr};
  torch::nn::Linear query_{nullptr}, key_value_{nullptr}, merge_{nullptr};
  torch::nn::Linear expand_{nullptr}, contract_{nullptr};
};

/// See SpeechNetwork. Tokens: the query, four references, 38 of sound; the times of the sound
/// relative to the query enter as sines of learned frequencies. The query starts from the sound
/// around its moment, so that attention only has to add what is further away: that learns many
/// times faster from little data.
class SpeechModel : public torch::nn::Module {
 public:
  explicit SpeechModel(SpeechConfig config = {});
  SpeechOutput forward(const SpeechBatch& batch);
  const SpeechConfig& config() const { return config_; }

 private:
  torch::Tensor sound_tokens(const SpeechBatch& batch);

  SpeechConfig config_;
  torch::nn::Conv1d first_{nullptr}, second_{nullptr};
  torch::nn::Linear time_{nullptr}, near_{nullptr}, reference_{nullptr}, head_{nullptr};
  torch::nn::LayerNorm head_norm_{nullptr};
  torch::Tensor frequency_, query_, reference_bias_;
  std::vector<std::shared_ptr<SpeechLayer>> layers_;
};

}  // namespace visema
