#include "speech_model_torch.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/speech_network.h"

namespace visema {
namespace {

namespace F = torch::nn::functional;

constexpr double kFramesPerSecond = 16000.0 / kSpeechMelHop;
constexpr double kAbsent = -1e4;  // added to the logit of a key that is not there

constexpr std::int64_t kFirstKernel = 5;
struct Dilation {
  std::int64_t frames;
  bool causal;
};
constexpr Dilation kDilations[] = {{1, false}, {2, false}, {4, false}, {4, true}, {8, true}};

constexpr std::int64_t reach(bool before) {
  std::int64_t frames = kFirstKernel / 2;
  for (const Dilation& d : kDilations) frames += d.causal ? (before ? 2 : 0) * d.frames : d.frames;
  return frames;
}
constexpr std::int64_t kReachBefore = reach(true);  // of a feature of the sound, mel frames
/// Sound before a moment that it attends to, mel frames; one after it is between two features.
constexpr std::int64_t kAttended = kSpeechBefore - kReachBefore;
static_assert(reach(false) + 1 == kSpeechAfter);
static_assert(kAttended > 0);

torch::Tensor positional(const torch::Tensor& distance, const torch::Tensor& frequency) {
  const torch::Tensor angle = distance.unsqueeze(-1) * frequency;
  return torch::cat({torch::sin(angle), torch::cos(angle)}, -1);
}

torch::Tensor dropped(const torch::Tensor& x, double share, bool training) {
  return F::dropout(x, F::DropoutFuncOptions().p(share).training(training));
}

}  // namespace

torch::Tensor side_by_side(const torch::Tensor& frames, std::int64_t count, std::int64_t dilation) {
  const std::int64_t length = frames.size(1) - (count - 1) * dilation;
  std::vector<torch::Tensor> columns;
  for (std::int64_t i = 0; i < count; ++i)
    columns.push_back(frames.narrow(1, i * dilation, length));
  return torch::cat(columns, 2);
}

std::string SpeechConfig::to_json() const {
  nlohmann::ordered_json json = {{"width", width},   {"heads", heads},     {"layers", layers},
                                 {"hidden", hidden}, {"fourier", fourier}, {"lower", lower},
                                 {"upper", upper}};
  if (encoded > 0) json["encoded"] = encoded;
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
    read("lower", config.lower, 1434);
    read("upper", config.upper, 1434);
    config.encoded = json.value("encoded", std::int64_t{0});
    if (config.encoded != 0 && config.encoded != kEncodedWidth)
      throw Error(ErrorCode::kModel,
                  source + ": config.encoded = " + std::to_string(config.encoded) + ": must be " +
                      std::to_string(kEncodedWidth) + " or absent");
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, source + ": config in its metadata: " + error.what());
  }
  if (config.width % config.heads != 0)
    throw Error(ErrorCode::kModel,
                source + ": config.width = " + std::to_string(config.width) +
                    ": must be a multiple of config.heads = " + std::to_string(config.heads));
  return config;
}

SpeechBlock::SpeechBlock(std::int64_t width, std::int64_t dilation, bool causal)
    : dilation_(dilation), causal_(causal) {
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
  spread_ = register_module("spread", torch::nn::Linear(3 * width, width));
  merge_ = register_module("merge", torch::nn::Linear(width, width));
}

torch::Tensor SpeechBlock::forward(const torch::Tensor& frames) {
  const torch::Tensor around = side_by_side(norm_->forward(frames), 3, dilation_);
  const torch::Tensor kept = frames.narrow(1, causal_ ? 2 * dilation_ : dilation_, around.size(1));
  return kept + merge_->forward(torch::silu(spread_->forward(around)));
}

SpeechLayer::SpeechLayer(const SpeechConfig& c) : heads_(c.heads), dropout_(c.dropout) {
  attention_norm_ = register_module("attention_norm",
                                    torch::nn::LayerNorm(torch::nn::LayerNormOptions({c.width})));
  query_ = register_module("query", torch::nn::Linear(c.width, c.width));
  key_value_ = register_module("key_value", torch::nn::Linear(c.width, 2 * c.width));
  reference_ = register_module("reference", torch::nn::Linear(c.width, 2 * c.width));
  distance_ = register_module("distance", torch::nn::Linear(2 * c.fourier, c.heads));
  merge_ = register_module("merge", torch::nn::Linear(c.width, c.width));
  hidden_norm_ =
      register_module("hidden_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({c.width})));
  expand_ = register_module("expand", torch::nn::Linear(c.width, c.hidden));
  contract_ = register_module("contract", torch::nn::Linear(c.hidden, c.width));
}

torch::Tensor SpeechLayer::forward(const torch::Tensor& moments, const torch::Tensor& sound,
                                   const torch::Tensor& references, const torch::Tensor& distance,
                                   const torch::Tensor& key_bias) {
  const std::int64_t batch = moments.size(0);
  const std::int64_t width = moments.size(2);
  const auto split = [&](const torch::Tensor& x) {
    return x.reshape({batch, -1, heads_, width / heads_}).transpose(1, 2);
  };
  const torch::Tensor q = split(query_->forward(attention_norm_->forward(moments)));
  const torch::Tensor keys =
      torch::cat({key_value_->forward(sound), reference_->forward(references)}, 1);
  const std::vector<torch::Tensor> kv = keys.chunk(2, 2);
  const torch::Tensor near = F::pad(distance_->forward(distance).permute({0, 3, 1, 2}),
                                    F::PadFuncOptions({0, references.size(1)}));
  const double scale = 1.0 / std::sqrt(static_cast<double>(width / heads_));
  const torch::Tensor logits =
      torch::matmul(q * scale, split(kv[0]).transpose(2, 3)) + near + key_bias;
  const torch::Tensor attention = dropped(torch::softmax(logits, -1), dropout_, is_training());
  const torch::Tensor mixed = torch::matmul(attention, split(kv[1]));
  const torch::Tensor merged = merge_->forward(mixed.transpose(1, 2).reshape({batch, -1, width}));
  const torch::Tensor attended = moments + dropped(merged, dropout_, is_training());
  const torch::Tensor hidden = torch::silu(expand_->forward(hidden_norm_->forward(attended)));
  return attended + dropped(contract_->forward(hidden), dropout_, is_training());
}

SpeechModel::SpeechModel(SpeechConfig config) : config_(config) {
  const SpeechConfig& c = config_;
  const auto norm = [&](const char* name) {
    return register_module(name, torch::nn::LayerNorm(torch::nn::LayerNormOptions({c.width})));
  };
  first_ = register_module("first", torch::nn::Linear(kFirstKernel * kSpeechBands, c.width));
  if (c.encoded > 0) {
    encoded_ = register_module("encoded", torch::nn::Linear(c.encoded, c.width));
    encoded_mean_ = register_buffer("encoded_mean", torch::zeros({c.encoded}));
    encoded_scale_ = register_buffer("encoded_scale", torch::ones({c.encoded}));
  }
  for (const Dilation& d : kDilations)
    blocks_.push_back(register_module("block" + std::to_string(blocks_.size()),
                                      std::make_shared<SpeechBlock>(c.width, d.frames, d.causal)));
  sound_norm_ = norm("sound_norm");
  reference_ = register_module("reference", torch::nn::Linear(c.lower, c.width));
  for (std::int64_t i = 0; i < c.layers; ++i)
    layers_.push_back(
        register_module("layer" + std::to_string(i), std::make_shared<SpeechLayer>(c)));
  head_norm_ = norm("head_norm");
  head_ = register_module("head", torch::nn::Linear(c.width, c.lower + c.upper + 1));
  reference_bias_ = register_parameter("reference_bias", 0.02 * torch::randn({1, 1, c.width}));
  // Periods from 1.6 s down to 50 ms, in radians a second.
  frequency_ = register_buffer(
      "frequency", torch::logspace(std::log10(2 * M_PI / 1.6), std::log10(40 * M_PI), c.fourier));
  const torch::NoGradGuard no_grad;
  head_->weight.mul_(0.1);
  head_->bias.zero_();
}

void SpeechModel::know_encoded(const torch::Tensor& mean, const torch::Tensor& scale) {
  encoded_mean_.copy_(mean);
  encoded_scale_.copy_(scale);
}

torch::Tensor SpeechModel::sound_features(const SpeechBatch& batch) {
  torch::Tensor x = first_->forward(side_by_side(batch.mel * 0.5 + 0.5, kFirstKernel, 1));
  if (config_.encoded > 0) {
    const torch::Tensor rows =
        (batch.encoded.narrow(1, kFirstKernel / 2, x.size(1)) - encoded_mean_) * encoded_scale_;
    x = x + encoded_->forward(dropped(rows, config_.encoded_dropout, is_training()));
  }
  x = torch::silu(x);
  for (const auto& block : blocks_) x = block->forward(x);
  return sound_norm_->forward(x);
}

SpeechOutput SpeechModel::forward(const SpeechBatch& batch) {
  const torch::Tensor sound = sound_features(batch);  // row i is centred on mel frame i + reach
  const std::int64_t length = sound.size(1);
  const torch::Tensor place = batch.positions - static_cast<double>(kReachBefore);
  const torch::Tensor low = place.floor().clamp(0.0, static_cast<double>(length - 2));
  const torch::Tensor part = (place - low).unsqueeze(2);
  const torch::Tensor index = low.to(torch::kLong).unsqueeze(2).expand({-1, -1, config_.width});
  torch::Tensor moments = sound.gather(1, index) * (1 - part) + sound.gather(1, index + 1) * part;

  const torch::Tensor frame = torch::arange(0, length, batch.mel.options());
  const torch::Tensor away = frame - low.unsqueeze(2);  // [B, T, M]
  const torch::Tensor outside = torch::logical_or(away<static_cast<double>(-kAttended), away> 1);
  const torch::Tensor distance =
      positional((frame - place.unsqueeze(2)) / kFramesPerSecond, frequency_);
  const torch::Tensor absent = ((1 - batch.present) * kAbsent).unsqueeze(1);
  const torch::Tensor key_bias =
      torch::cat({outside.to(frame.dtype()) * kAbsent, absent.expand({-1, place.size(1), -1})}, 2)
          .unsqueeze(1);
  const torch::Tensor references =
      torch::silu(reference_->forward(batch.references) + reference_bias_);
  for (const auto& layer : layers_)
    moments = layer->forward(moments, sound, references, distance, key_bias);
  const torch::Tensor out = head_->forward(head_norm_->forward(moments));
  return {out.narrow(2, 0, config_.lower), out.narrow(2, config_.lower, config_.upper),
          out.select(2, config_.lower + config_.upper)};
}

}  // namespace visema
