#include "generator_model_torch.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "generator_head.h"
#include "visema/core/error.h"
#include "weight_card_torch.h"

namespace visema {
namespace {

namespace F = torch::nn::functional;
constexpr double kSlope = 0.1;
constexpr int kShuffle = 2;
constexpr std::int64_t kHeads = GeneratorHead::kHeads;

torch::Tensor activate(torch::Tensor x) {
  return torch::leaky_relu_(x, kSlope);
}

/// [N,C,H,W] to [N,4C,H/2,W/2], channels last, channel 4c + 2 dy + dx. Torch's own permuting copy
/// takes as long as several convolutions.
torch::Tensor unshuffled(const torch::Tensor& planes) {
  if (!planes.device().is_cpu() || planes.scalar_type() != torch::kFloat)
    return torch::pixel_unshuffle(planes, kShuffle).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto source = planes.contiguous();
  const std::int64_t count = source.size(0), channels = source.size(1), height = source.size(2) / 2,
                     width = source.size(3) / 2;
  auto result = torch::empty({count, channels * 4, height, width},
                             source.options().memory_format(torch::MemoryFormat::ChannelsLast));
  const float* from = source.data_ptr<float>();
  float* to = result.data_ptr<float>();
  at::parallel_for(0, count * height, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t n = row / height, y = row % height;
      for (std::int64_t c = 0; c < channels; ++c) {
        const float* upper = from + ((n * channels + c) * height * 2 + y * 2) * width * 2;
        const float* lower = upper + width * 2;
        float* pixel = to + row * width * channels * 4 + c * 4;
        for (std::int64_t x = 0; x < width; ++x, pixel += channels * 4) {
          pixel[0] = upper[2 * x];
          pixel[1] = upper[2 * x + 1];
          pixel[2] = lower[2 * x];
          pixel[3] = lower[2 * x + 1];
        }
      }
    }
  });
  return result;
}

torch::Tensor upsampled(const torch::Tensor& x) {
  return torch::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2});
}

}  // namespace

std::string GeneratorConfig::to_json() const {
  return nlohmann::json{{"widths", widths}, {"blocks", blocks}, {"stem", stem}}.dump();
}

GeneratorConfig GeneratorConfig::from_json(const std::string& json, const std::string& source) {
  GeneratorConfig config;
  try {
    const auto parsed = nlohmann::json::parse(json);
    config.widths = parsed.at("widths").get<std::vector<std::int64_t>>();
    config.blocks = parsed.at("blocks").get<std::vector<std::int64_t>>();
    config.stem = parsed.value("stem", config.stem);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, source + ": config is not a generator's: " + error.what());
  }
  const auto within = [](const std::vector<std::int64_t>& values, std::int64_t low,
                         std::int64_t high) {
    return std::all_of(values.begin(), values.end(),
                       [=](std::int64_t v) { return v >= low && v <= high; });
  };
  if (config.widths.size() < 2 || config.widths.size() > 6 ||
      config.blocks.size() != config.widths.size() || !within(config.widths, 4, 1024) ||
      !within(config.blocks, 0, 16) || (config.stem != 1 && config.stem != 3))
    throw Error(ErrorCode::kModel,
                source + ": config " + json +
                    ": needs 2 to 6 widths in 4..1024, as many blocks in 0..16 and a stem of 1 or "
                    "3");
  return config;
}

Convolution::Convolution(std::int64_t in, std::int64_t out, int kernel, int stride)
    : kernel_(kernel), stride_(stride) {
  const double gain = std::sqrt(2.0 / (1.0 + kSlope * kSlope));
  const double std = gain / std::sqrt(static_cast<double>(in * kernel * kernel));
  auto weight = torch::randn({out, in, kernel, kernel}) * std;
  weight_ = register_parameter("weight", weight.contiguous(torch::MemoryFormat::ChannelsLast));
  bias_ = register_parameter("bias", torch::zeros({out}));
}

void Convolution::prepare() {
  if (kernel_ != 3 || stride_ != 1 || !weight_.device().is_cpu() ||
      weight_.scalar_type() != torch::kFloat)
    return;
  const auto values = [](const torch::Tensor& tensor) {
    return std::span<const float>(tensor.data_ptr<float>(),
                                  static_cast<std::size_t>(tensor.numel()));
  };
  const torch::Tensor weight = weight_.detach().contiguous();
  winograd_ = std::make_unique<const WinogradKernel>(values(weight), values(bias_), weight.size(0),
                                                     weight.size(1));
}

bool Convolution::has_kernel_for(const torch::Tensor& x) const {
  return winograd_ && !torch::GradMode::is_enabled() && x.device().is_cpu() &&
         x.scalar_type() == torch::kFloat && x.is_contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor Convolution::run_kernel(const torch::Tensor& x, const torch::Tensor& added,
                                      double slope) const {
  const std::int64_t count = x.size(0), height = x.size(2), width = x.size(3);
  auto result = torch::empty({count, winograd_->outs(), height, width},
                             x.options().memory_format(torch::MemoryFormat::ChannelsLast));
  const std::int64_t in_size = x.numel() / count, out_size = result.numel() / count;
  const float* from = x.data_ptr<float>();
  const float* more = added.defined() ? added.data_ptr<float>() : nullptr;
  float* to = result.data_ptr<float>();
  const std::int64_t rows = WinogradKernel::tile_rows(height);
  at::parallel_for(0, count * rows, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin / rows; n * rows < end; ++n)
      winograd_->run(from + n * in_size, to + n * out_size, height, width,
                     {more ? more + n * out_size : nullptr, static_cast<float>(slope)},
                     std::max<std::int64_t>(begin - n * rows, 0), std::min(end - n * rows, rows));
  });
  return result;
}

torch::Tensor Convolution::activated(const torch::Tensor& x, const torch::Tensor& added) const {
  if (has_kernel_for(x) &&
      (!added.defined() || added.is_contiguous(torch::MemoryFormat::ChannelsLast)))
    return run_kernel(x, added, kSlope);
  auto result = forward(x);
  if (added.defined()) result.add_(added);
  return activate(std::move(result));
}

torch::Tensor Convolution::forward(const torch::Tensor& x) const {
  if (has_kernel_for(x)) return run_kernel(x, {}, 1);
  const auto type = x.scalar_type();
  const auto weight = weight_.to(type);
  const auto bias = bias_.to(type);
  const std::int64_t padding = kernel_ / 2;
  // conv2d leaves small maps to a kernel that is several times slower.
  if (x.device().is_cpu() && at::hasMKLDNN() && !torch::GradMode::is_enabled())
    return at::mkldnn_convolution(x, weight, bias, {padding, padding}, {stride_, stride_}, {1, 1},
                                  1);
  // conv2d on one thread leaves 1x1 to that kernel too.
  if (kernel_ == 1 && stride_ == 1)
    return torch::linear(x.permute({0, 2, 3, 1}), weight.flatten(1), bias).permute({0, 3, 1, 2});
  return torch::conv2d(x, weight, bias, stride_, padding);
}

void Convolution::zero() {
  torch::NoGradGuard guard;
  weight_.zero_();
}

std::int64_t Convolution::flop(std::int64_t& height, std::int64_t& width) const {
  height /= stride_;
  width /= stride_;
  return 2 * height * width * weight_.numel();
}

ResidualBlock::ResidualBlock(std::int64_t width)
    : first_(register_module("first", std::make_shared<Convolution>(width, width, 3))),
      second_(register_module("second", std::make_shared<Convolution>(width, width, 3))) {
  second_->zero();
}

torch::Tensor ResidualBlock::forward(const torch::Tensor& x) const {
  return second_->activated(first_->activated(x), x);
}

std::int64_t ResidualBlock::flop(std::int64_t height, std::int64_t width) const {
  return first_->flop(height, width) + second_->flop(height, width);
}

std::shared_ptr<ResidualBlock> GeneratorModel::add_block(const std::string& name,
                                                         std::int64_t width) {
  return register_module(name, std::make_shared<ResidualBlock>(width));
}

GeneratorModel::GeneratorModel(GeneratorConfig config) : config_(std::move(config)) {
  const auto& w = config_.widths;
  const auto convolution = [this](const std::string& name, std::int64_t in, std::int64_t out,
                                  int kernel, int stride) {
    return register_module(name, std::make_shared<Convolution>(in, out, kernel, stride));
  };
  stem_ = convolution("stem", kGeneratorInputs * kShuffle * kShuffle, w[0], config_.stem, 1);
  for (std::size_t level = 1; level < w.size(); ++level) {
    const std::string number = std::to_string(level);
    down_.push_back(convolution("down" + number, w[level - 1], w[level], 3, 2));
    encoder_.push_back(level + 1 < w.size() ? add_block("encoder" + number, w[level]) : nullptr);
    up_.push_back(convolution("up" + number, w[level], w[level - 1], 1, 1));
  }
  for (std::size_t level = 0; level < w.size(); ++level) {
    Blocks blocks;
    for (std::int64_t k = 0; k < config_.blocks[level]; ++k)
      blocks.push_back(
          add_block("decoder" + std::to_string(level) + "_" + std::to_string(k), w[level]));
    decoder_.push_back(std::move(blocks));
  }
  head_ = convolution("head", w[0], kHeads * kShuffle * kShuffle, 3, 1);
  head_->zero();
}

torch::Tensor GeneratorModel::forward(const torch::Tensor& planes, torch::ScalarType compute) {
  auto x = unshuffled(planes).to(compute);
  std::vector<torch::Tensor> skips;
  x = stem_->activated(x);
  for (std::size_t level = 0; level < down_.size(); ++level) {
    skips.push_back(x);
    x = down_[level]->activated(x);
    if (encoder_[level]) x = encoder_[level]->forward(x);
  }
  for (std::size_t level = decoder_.size(); level-- > 0;) {
    for (const auto& block : decoder_[level]) x = block->forward(x);
    if (level > 0) x = activate(upsampled(up_[level - 1]->forward(x)).add_(skips[level - 1]));
  }
  return finished(head_->forward(x).to(torch::kFloat), planes);
}

torch::Tensor GeneratorModel::finished(const torch::Tensor& last,
                                       const torch::Tensor& planes) const {
  if (!is_training() && !torch::GradMode::is_enabled() && last.device().is_cpu() &&
      planes.is_contiguous() && last.is_contiguous(torch::MemoryFormat::ChannelsLast)) {
    auto result = torch::empty({planes.size(0), 4, planes.size(2), planes.size(3)});
    for (std::int64_t n = 0; n < planes.size(0); ++n)
      GeneratorHead::finish(last[n].data_ptr<float>(), planes[n].data_ptr<float>(), planes.size(2),
                            planes.size(3), result[n].data_ptr<float>());
    return result;
  }
  const auto heads = torch::pixel_shuffle(last, kShuffle);
  const auto a = planes.narrow(1, GeneratorHead::kReferenceA, 3);
  const auto b = planes.narrow(1, GeneratorHead::kReferenceB, 3);
  const auto share = torch::sigmoid(heads.narrow(1, 4, 1) - GeneratorHead::kShareBias);
  auto rgb = a + share * (b - a) + torch::tanh(heads.narrow(1, 0, 3));
  if (!is_training()) rgb = rgb.clamp(0.0, 1.0);
  // A closed mouth knows nothing of an open one's inside: there the picture is all painted.
  const auto painted =
      (planes.narrow(1, GeneratorHead::kInnerLip, 1) * GeneratorHead::kInnerLipSlope)
          .clamp(0.0, 1.0);
  const auto blend = torch::sigmoid(heads.narrow(1, 3, 1));
  return torch::cat({rgb, painted + (1.0 - painted) * blend}, 1);
}

void GeneratorModel::prepare() {
  for (const auto& module : modules())
    if (auto* convolution = module->as<Convolution>()) convolution->prepare();
}

std::int64_t GeneratorModel::flop(std::int64_t height, std::int64_t width) const {
  std::int64_t h = height / kShuffle, w = width / kShuffle;
  std::int64_t total = stem_->flop(h, w) + head_->flop(h, w);
  const auto add_blocks = [&](std::size_t level) {
    for (const auto& block : decoder_[level]) total += block->flop(h, w);
  };
  add_blocks(0);
  for (std::size_t level = 0; level < down_.size(); ++level) {
    total += down_[level]->flop(h, w);
    total += up_[level]->flop(h, w);
    if (encoder_[level]) total += encoder_[level]->flop(h, w);
    add_blocks(level + 1);
  }
  return total;
}

std::shared_ptr<GeneratorModel> load_generator(const TensorFile& file, const WeightCard& card) {
  auto model =
      std::make_shared<GeneratorModel>(GeneratorConfig::from_json(card.config, file.source()));
  std::set<std::string> expected;
  for (const auto& item : model->named_parameters()) expected.insert(item.key());
  for (const std::string& name : file.names())
    if (!expected.contains(name))
      throw Error(ErrorCode::kModel,
                  file.source() + ": tensor " + name + ": does not belong to this network");
  load_weights(*model, file, "");
  return model;
}

}  // namespace visema
