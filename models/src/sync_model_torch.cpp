#include "sync_model_torch.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"
#include "visema/models/sync_network.h"

namespace visema {
namespace {

namespace F = torch::nn::functional;

constexpr std::int64_t kPictureChannels[5] = {1, 24, 48, 64, 96};
constexpr std::int64_t kPointFeatures = 64;
constexpr std::int64_t kMotion = 256;
constexpr std::int64_t kSoundKernel = 5;
constexpr std::int64_t kSoundDilation[3] = {1, 2, 4};
static_assert((kSoundDilation[0] + kSoundDilation[1] + kSoundDilation[2]) * (kSoundKernel / 2) ==
              kSyncSpeechReach);
constexpr double kPointScale = 4;  // canonical units to numbers of about 1
constexpr double kMouthY = 0.86;   // where the mouth lies in the canonical frame

torch::Tensor unit(const torch::Tensor& x) {
  return F::normalize(x, F::NormalizeFuncOptions().dim(-1).eps(1e-6));
}

}  // namespace

std::string SyncConfig::to_json() const {
  const nlohmann::ordered_json json = {
      {"window", window}, {"width", width}, {"features", features}, {"embedding", embedding}};
  return json.dump();
}

SyncConfig SyncConfig::from_json(const std::string& text, const std::string& source) {
  SyncConfig config;
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    const auto read = [&](const char* name, std::int64_t& value, std::int64_t most) {
      value = json.at(name).get<std::int64_t>();
      if (value < 1 || value > most)
        throw Error(ErrorCode::kModel, source + ": config." + name + " = " + std::to_string(value) +
                                           ": must be in 1.." + std::to_string(most));
    };
    read("window", config.window, 25);
    read("width", config.width, 4096);
    read("features", config.features, 4096);
    read("embedding", config.embedding, 4096);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, source + ": config in its metadata: " + error.what());
  }
  return config;
}

SyncModel::SyncModel(SyncConfig config) : config_(config) {
  std::int64_t side = kSyncPicture;
  for (int i = 0; i < 4; ++i) {
    const int kernel = i == 0 ? 5 : 3;
    picture_[i] =
        register_module("picture" + std::to_string(i),
                        torch::nn::Conv2d(torch::nn::Conv2dOptions(kPictureChannels[i],
                                                                   kPictureChannels[i + 1], kernel)
                                              .stride(2)
                                              .padding(kernel / 2)));
    side = (side + 1) / 2;
  }
  picture_head_ = register_module(
      "picture_head", torch::nn::Linear(kPictureChannels[4] * side * side, config.features));
  picture_norm_ = register_module(
      "picture_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.features})));
  points_ = register_module("points", torch::nn::Linear(kSyncPoints * 2, kPointFeatures));
  motion_ =
      register_module("motion", torch::nn::Conv1d(torch::nn::Conv1dOptions(
                                    config.features + kPointFeatures, kMotion, config.window)));
  mouth_head_ = register_module("mouth_head", torch::nn::Linear(kMotion, config.embedding));
  const std::int64_t sound_channels[4] = {kSyncMelBands, config.width, config.width, kMotion};
  for (int i = 0; i < 3; ++i)
    sound_[i] = register_module(
        "sound" + std::to_string(i),
        torch::nn::Conv1d(
            torch::nn::Conv1dOptions(sound_channels[i], sound_channels[i + 1], kSoundKernel)
                .dilation(kSoundDilation[i])));
  sound_norm_ =
      register_module("sound_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({kMotion})));
  speech_head_ = register_module("speech_head", torch::nn::Linear(kMotion, config.embedding));
  background_ = register_buffer("background", torch::zeros({kSyncBackground, config.embedding}));
}

torch::Tensor SyncModel::background_level(const torch::Tensor& mouth) const {
  return torch::logsumexp(mouth.matmul(background_.t()) / kSyncTemperature, 1) -
         std::log(static_cast<double>(kSyncBackground));
}

void SyncModel::set_background(const torch::Tensor& speech) {
  const torch::NoGradGuard no_grad;
  background_.copy_(speech);
}

torch::Tensor SyncModel::mouth(const torch::Tensor& pictures, const torch::Tensor& points) {
  const std::int64_t batch = pictures.size(0);
  const std::int64_t frames = pictures.size(1);
  // Each picture to mean 0 and deviation 1: light and contrast do not count.
  const torch::Tensor flat = pictures.reshape({batch * frames, -1}).to(torch::kFloat);
  const torch::Tensor centred = flat - flat.mean(1, true);
  const torch::Tensor scaled = centred / (centred.square().mean(1, true) + 25).sqrt();
  torch::Tensor x = scaled.view({batch * frames, 1, kSyncPicture, kSyncPicture});
  for (auto& layer : picture_) x = torch::relu(layer->forward(x));
  x = torch::relu(picture_norm_->forward(picture_head_->forward(x.flatten(1))));
  const torch::Tensor centre =
      torch::tensor({0.0F, static_cast<float>(kMouthY)}, points.options()).repeat({kSyncPoints});
  const torch::Tensor y = torch::relu(points_->forward((points - centre) * kPointScale));
  torch::Tensor z = torch::cat({x.view({batch, frames, -1}), y}, 2);
  z = F::dropout(z, F::DropoutFuncOptions().p(0.1).training(is_training()));
  z = torch::relu(motion_->forward(z.transpose(1, 2))).transpose(1, 2);
  return unit(mouth_head_->forward(z));
}

torch::Tensor SyncModel::speech(const torch::Tensor& mel, const torch::Tensor& positions) {
  torch::Tensor x = (mel * 0.5).transpose(1, 2);
  for (auto& layer : sound_) x = torch::relu(layer->forward(x));
  // Linear between the two mel frames next to the moment. x[:, :, i] is centred on mel frame
  // i + kSyncSpeechReach.
  const std::int64_t last = x.size(2) - 1;
  const torch::Tensor place =
      (positions - static_cast<double>(kSyncSpeechReach)).clamp(0.0, static_cast<double>(last));
  const torch::Tensor low =
      place.floor().clamp(0.0, static_cast<double>(std::max<std::int64_t>(last - 1, 0)));
  const torch::Tensor part = (place - low).unsqueeze(2);
  const torch::Tensor first = low.to(torch::kLong);
  const torch::Tensor second = (first + 1).clamp_max(last);
  const torch::Tensor rows = x.transpose(1, 2);
  const auto pick = [&](const torch::Tensor& index) {
    return rows.gather(1, index.unsqueeze(2).expand({-1, -1, rows.size(2)}));
  };
  x = sound_norm_->forward(pick(first) * (1 - part) + pick(second) * part);
  x = F::dropout(x, F::DropoutFuncOptions().p(0.1).training(is_training()));
  return unit(speech_head_->forward(x));
}

}  // namespace visema
