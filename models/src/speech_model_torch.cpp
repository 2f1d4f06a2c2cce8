#include "speech_model_torch.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"
#include "visema/models/speech_network.h"

namespace visema {
namespace {

namespace F = torch::nn::functional;

constexpr double kFrameSeconds = kSpeechMelHop / 16000.0;
constexpr double kAbsent = -1e4;  // added to the logit of a key that is not there

}  // namespace

std::string SpeechConfig::to_json() const {
  const nlohmann::ordered_json json = {{"width", width},   {"heads", heads},     {"layers", layers},
                                       {"hidden", hidden}, {"fourier", fourier}, {"near", near},
                                       {"lower", lower},   {"upper", upper}};
  return json.dump();
}

SpeechConfig SpeechConfig::from_json(const std::string& text, const std::string& source) {
  SpeechConfig config;
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    const auto read = [&](const char* name, std::int64_t& value, std::int64_t most) {
      value = json.at(name).get<std::int64_t>();
      if (value < 1 || value > most)
        throw Error(ErrorCode::kModel, source + ": config." + name + " = " + std::to_string(value) +
                                           ": must be in 1.." + std::to_string(most));
    };
    read("width", config.width, 4096);
    read("heads", config.heads, 64);
    read("layers", config.layers, 64);
    read("hidden", config.hidden, 16384);
    read("fourier", config.fourier, 1024);
    read("near", config.near, kSpeechWindowFrames / 2);
    read("lower", config.lower, 1434);
    read("upper", config.upper, 1434);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, source + ": config in its metadata: " + error.what());
  }
  if (config.width % config.heads != 0)
    throw Error(ErrorCode::kModel,
                source + ": config.width = " + std::to_string(config.width) +
                    ": must be a multiple of config.heads = " + std::to_string(config.heads));
  return config;
}

SpeechLayer::SpeechLayer(const SpeechConfig& c) : heads_(c.heads), dropout_(c.dropout) {
  attention_norm_ = register_module("attention_norm",
                                    torch::nn::LayerNorm(torch::nn::LayerNormOptions({c.width})));
  query_ = register_module("query", torch::nn::Linear(c.width, c.width));
  key_value_ = register_module("key_value", torch::nn::Linear(c.width, 2 * c.width));
  merge_ = register_module("merge", torch::nn::Linear(c.width, c.width));
  hidden_norm_ =
      register_module("hidden_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({c.width})));
  expand_ = register_module("expand", torch::nn::Linear(c.width, c.hidden));
  contract_ = register_module("contract", torch::nn::Linear(c.hidden, c.width));
}

torch::Tensor SpeechLayer::forward(const torch::Tensor& tokens, const torch::Tensor& key_bias,
                                   std::int64_t queries) {
  const std::int64_t batch = tokens.size(0);
  const std::int64_t width = tokens.size(2);
  const auto split = [&](const torch::Tensor& x) {
    return x.reshape({batch, -1, heads_, width / heads_}).transpose(1, 2);
  };
  const auto drop = [&](const torch::Tensor& x) {
    return F::dropout(x, F::DropoutFuncOptions().p(dropout_).training(is_training()));
  };
  const torch::Tensor normed = attention_norm_->forward(tokens);
  const bool all = queries == 0;
  const torch::Tensor kept = all ? tokens : tokens.narrow(1, 0, queries);
  const torch::Tensor q = split(query_->forward(all ? normed : normed.narrow(1, 0, queries)));
  const std::vector<torch::Tensor> kv = key_value_->forward(normed).chunk(2, 2);
  const double scale = 1.0 / std::sqrt(static_cast<double>(width / heads_));
  const torch::Tensor logits = torch::matmul(q * scale, split(kv[0]).transpose(2, 3)) + key_bias;
  const torch::Tensor mixed = torch::matmul(drop(torch::softmax(logits, -1)), split(kv[1]));
  const torch::Tensor merged = merge_->forward(mixed.transpose(1, 2).reshape({batch, -1, width}));
  const torch::Tensor attended = kept + drop(merged);
  const torch::Tensor hidden = torch::silu(expand_->forward(hidden_norm_->forward(attended)));
  return attended + drop(contract_->forward(hidden));
}

SpeechModel::SpeechModel(SpeechConfig config) : config_(config) {
  const SpeechConfig& c = config_;
  first_ = register_module(
      "first", torch::nn::Conv1d(torch::nn::Conv1dOptions(kSpeechBands, c.width, 5).padding(2)));
  second_ = register_module(
      "second",
      torch::nn::Conv1d(torch::nn::Conv1dOptions(c.width, c.width, 3).padding(1).stride(2)));
  time_ = register_module("time", torch::nn::Linear(2 * c.fourier, c.width));
  near_ = register_module("near", torch::nn::Linear(c.near * c.width, c.width));
  reference_ = register_module("reference", torch::nn::Linear(c.lower, c.width));
  for (std::int64_t i = 0; i < c.layers; ++i)
    layers_.push_back(
        register_module("layer" + std::to_string(i), std::make_shared<SpeechLayer>(c)));
  head_norm_ =
      register_module("head_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({c.width})));
  head_ = register_module("head", torch::nn::Linear(c.width, c.lower + c.upper + 1));
  // Periods from two seconds down to two mel frames.
  frequency_ = register_parameter(
      "frequency", torch::logspace(std::log10(M_PI), std::log10(80 * M_PI), c.fourier));
  query_ = register_parameter("query", 0.02 * torch::randn({1, 1, c.width}));
  reference_bias_ = register_parameter("reference_bias", 0.02 * torch::randn({1, 1, c.width}));
  const torch::NoGradGuard no_grad;
  head_->weight.mul_(0.1);
  head_->bias.zero_();
}

torch::Tensor SpeechModel::sound_tokens(const SpeechBatch& batch) {
  const torch::Tensor mel = batch.mel.transpose(1, 2) * 0.5 + 0.5;
  // Not gelu: on the CPU LibTorch 1.13's takes the gradient that arrives for contiguous, and here
  // it is not.
  const torch::Tensor sound = torch::silu(second_->forward(torch::silu(first_->forward(mel))));
  const torch::Tensor frame =
      torch::arange(0, kSpeechWindowFrames, 2, batch.last_offset.options()) -
      (kSpeechWindowFrames - 1);
  const torch::Tensor seconds = batch.last_offset.unsqueeze(1) + frame * kFrameSeconds;
  const torch::Tensor angle = seconds.unsqueeze(2) * frequency_;
  const torch::Tensor time = time_->forward(torch::cat({torch::sin(angle), torch::cos(angle)}, 2));
  return sound.transpose(1, 2) + time;
}

SpeechOutput SpeechModel::forward(const SpeechBatch& batch) {
  const std::int64_t count = batch.mel.size(0);
  const torch::Tensor sound = sound_tokens(batch);
  const torch::Tensor references = reference_->forward(batch.references) + reference_bias_;
  const torch::Tensor around = sound.narrow(1, sound.size(1) - config_.near, config_.near);
  const torch::Tensor query = query_ + near_->forward(around.flatten(1)).unsqueeze(1);
  torch::Tensor tokens = torch::cat({query, references, sound}, 1);
  const torch::Tensor absent = (1 - batch.present) * kAbsent;
  const torch::Tensor key_bias =
      torch::cat({torch::zeros({count, 1}, absent.options()), absent,
                  torch::zeros({count, sound.size(1)}, absent.options())},
                 1)
          .reshape({count, 1, 1, -1});
  for (std::size_t i = 0; i < layers_.size(); ++i)
    tokens = layers_[i]->forward(tokens, key_bias, i + 1 == layers_.size() ? 1 : 0);
  const torch::Tensor out = head_->forward(head_norm_->forward(tokens.squeeze(1)));
  return {out.narrow(1, 0, config_.lower), out.narrow(1, config_.lower, config_.upper),
          out.select(1, config_.lower + config_.upper)};
}

}  // namespace visema
