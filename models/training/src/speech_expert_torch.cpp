#include "speech_expert_torch.h"

#include <vector>

#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

namespace F = torch::nn::functional;

constexpr std::int64_t kLipFrames = 7;  // 280 ms
constexpr std::int64_t kWidth = 128;
constexpr std::int64_t kLipWidth = 256;
constexpr std::int64_t kEmbedding = 64;
constexpr std::int64_t kKernel = 5;
constexpr std::int64_t kDilation[3] = {1, 2, 2};
constexpr std::int64_t kReach = 10;  // mel frames on either side
constexpr double kTemperature = 0.08;
constexpr double kDropout = 0.2;

torch::Tensor unit(const torch::Tensor& x) {
  return F::normalize(x, F::NormalizeFuncOptions().dim(-1).eps(1e-6));
}

}  // namespace

SpeechExpert::SpeechExpert(std::int64_t lower) {
  const auto norm = [](std::int64_t width) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
  };
  lips_ = register_module("lips", torch::nn::Linear(2 * kLipFrames * lower, kLipWidth));
  lips_norm_ = register_module("lips_norm", norm(kLipWidth));
  lips_head_ = register_module("lips_head", torch::nn::Linear(kLipWidth, kEmbedding));
  const std::int64_t inputs[3] = {kSpeechBands, kWidth, kWidth};
  for (int i = 0; i < 3; ++i)
    sound_[i] = register_module("sound" + std::to_string(i),
                                torch::nn::Linear(kKernel * inputs[i], kWidth));
  sound_norm_ = register_module("sound_norm", norm(kWidth));
  sound_head_ = register_module("sound_head", torch::nn::Linear(kWidth, kEmbedding));
}

torch::Tensor SpeechExpert::lips(const torch::Tensor& lower) {
  torch::Tensor window = side_by_side(lower, kLipFrames, 1);
  // How they move, beside where they are.
  const torch::Tensor mean =
      window.reshape({lower.size(0), -1, kLipFrames, lower.size(2)}).mean(2, true);
  const torch::Tensor moved =
      (window.reshape({lower.size(0), -1, kLipFrames, lower.size(2)}) - mean).flatten(2);
  window = F::dropout(torch::cat({window, moved}, 2),
                      F::DropoutFuncOptions().p(kDropout).training(is_training()));
  const torch::Tensor hidden = torch::silu(lips_norm_->forward(lips_->forward(window)));
  return unit(lips_head_->forward(hidden));
}

torch::Tensor SpeechExpert::hear(const SpeechBatch& sound) {
  constexpr std::int64_t kFirst = kSpeechBefore - kReach;  // earlier sound belongs to no moment
  torch::Tensor x = sound.mel.narrow(1, kFirst, sound.mel.size(1) - kFirst) * 0.5;
  for (int i = 0; i < 3; ++i)
    x = torch::silu(sound_[i]->forward(side_by_side(x, kKernel, kDilation[i])));
  // The mel frame next to each moment is near enough.
  const torch::Tensor index =
      (sound.positions.round() - static_cast<double>(kSpeechBefore)).to(torch::kLong);
  x = x.gather(1, index.unsqueeze(2).expand({-1, -1, kWidth}));
  x = F::dropout(sound_norm_->forward(x),
                 F::DropoutFuncOptions().p(kDropout).training(is_training()));
  return unit(sound_head_->forward(x));
}

torch::Tensor SpeechExpert::loss(const torch::Tensor& lower, const torch::Tensor& valid,
                                 const torch::Tensor& heard) {
  const std::int64_t windows = lower.size(1) - kLipFrames + 1;
  const torch::Tensor mouth = lips(lower).flatten(0, 1);
  const torch::Tensor sounds = heard.narrow(1, kLipFrames / 2, windows).flatten(0, 1);
  const torch::Tensor whole = side_by_side(valid.unsqueeze(2), kLipFrames, 1).amin(2).flatten();
  const torch::Tensor likeness = mouth.matmul(sounds.t()) / kTemperature;
  const torch::Tensor entropy = -torch::log_softmax(likeness, 1).diagonal();
  return (entropy * whole).sum() / whole.sum().clamp_min(1);
}

}  // namespace visema::training
