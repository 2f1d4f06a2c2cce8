#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

namespace visema {

/// Dimensions of the sync network, the config of its weight file.
struct SyncConfig {
  std::int64_t window = 9;       // video frames that a mouth embedding sees
  std::int64_t width = 192;      // of the speech tower
  std::int64_t features = 128;   // of one picture
  std::int64_t embedding = 128;  // numbers of an embedding

  std::string to_json() const;
  /// Throws Error(kModel) that names `source`.
  static SyncConfig from_json(const std::string& json, const std::string& source);
};

/// See SyncNetwork. Both towers end in vectors of length 1.
class SyncModel : public torch::nn::Module {
 public:
  explicit SyncModel(SyncConfig config = {});

  /// pictures [B, T, S, S] luma 0..255 with S = kSyncPicture, points [B, T, kSyncPoints * 2]
  /// canonical -> [B, T - window + 1, embedding]
  torch::Tensor mouth(const torch::Tensor& pictures, const torch::Tensor& points);
  /// mel [B, M, 80], positions [B, T] of the moments in mel frames, each in
  /// [kSyncSpeechReach, M - 1 - kSyncSpeechReach] -> [B, T, embedding]
  torch::Tensor speech(const torch::Tensor& mel, const torch::Tensor& positions);
  /// mouth [N, embedding] -> [N]: ln of the mean of exp(mouth * b / kSyncTemperature) over the
  /// background.
  torch::Tensor background_level(const torch::Tensor& mouth) const;
  /// [kSyncBackground, embedding], unit rows: moments of speech by many persons.
  void set_background(const torch::Tensor& speech);
  const SyncConfig& config() const { return config_; }

 private:
  SyncConfig config_;
  torch::nn::Conv2d picture_[4] = {nullptr, nullptr, nullptr, nullptr};
  torch::nn::Linear picture_head_{nullptr}, points_{nullptr};
  torch::nn::LayerNorm picture_norm_{nullptr};
  torch::nn::Conv1d motion_{nullptr};
  torch::nn::Linear mouth_head_{nullptr};
  torch::nn::Conv1d sound_[3] = {nullptr, nullptr, nullptr};
  torch::nn::LayerNorm sound_norm_{nullptr};
  torch::nn::Linear speech_head_{nullptr};
  torch::Tensor background_;
};

}  // namespace visema
