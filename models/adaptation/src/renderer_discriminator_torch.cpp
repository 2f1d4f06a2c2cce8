#include "renderer_discriminator_torch.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "visema/renderer/generator_input.h"

namespace visema::training {
namespace {

constexpr std::int64_t kWindow = 96;
constexpr double kSlope = 0.2;
constexpr double kFeatureWeight = 4.0;

torch::Tensor unit(const torch::Tensor& v) {
  return v / (v.norm() + 1e-12);
}

/// Largest singular value of weight seen as a matrix; one step of power iteration moves `left`.
torch::Tensor spectral_norm(const torch::Tensor& weight, torch::Tensor& left, bool iterate) {
  const auto matrix = weight.flatten(1);
  torch::Tensor right;
  {
    torch::NoGradGuard guard;
    right = unit(matrix.t().mv(left));
    if (iterate) left.copy_(unit(matrix.mv(right)));
  }
  return torch::dot(left.clone(), matrix.mv(right));
}

}  // namespace

MouthDiscriminator::MouthDiscriminator() {
  add_layer(5, 32, 4, 2);
  add_layer(32, 64, 4, 2);
  add_layer(64, 128, 4, 2);
  add_layer(128, 1, 3, 1);
}

void MouthDiscriminator::add_layer(std::int64_t in, std::int64_t out, int kernel, int stride) {
  const std::string number = std::to_string(layers_.size());
  const double std = std::sqrt(2.0 / static_cast<double>(in * kernel * kernel));
  Layer layer;
  layer.weight =
      register_parameter("weight" + number, torch::randn({out, in, kernel, kernel}) * std);
  layer.bias = register_parameter("bias" + number, torch::zeros({out}));
  layer.left = register_buffer("left" + number, unit(torch::randn({out})));
  layer.stride = stride;
  layers_.push_back(std::move(layer));
}

std::vector<torch::Tensor> MouthDiscriminator::forward(const torch::Tensor& window) {
  std::vector<torch::Tensor> outputs;
  auto x = (window - 0.5).contiguous(torch::MemoryFormat::ChannelsLast);
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    Layer& layer = layers_[k];
    // Hidden layers keep the gain that the activation takes away.
    const bool last = k + 1 == layers_.size();
    const auto norm = spectral_norm(layer.weight, layer.left, is_training());
    x = torch::conv2d(x, layer.weight * ((last ? 1.0 : 1.4) / norm), layer.bias, layer.stride, 1);
    if (!last) x = torch::leaky_relu(x, kSlope);
    outputs.push_back(x);
  }
  return outputs;
}

torch::Tensor mouth_windows(const torch::Tensor& pictures, const torch::Tensor& planes) {
  const auto height = pictures.size(2), width = pictures.size(3);
  const auto side = std::min({kWindow, height, width});
  const auto lips = planes.narrow(1, kOuterLipPlane, 1).gt(0).to(torch::kFloat).cpu();
  const auto area = lips.sum({1, 2, 3}).clamp_min(1);
  const auto xs = torch::arange(width, torch::kFloat), ys = torch::arange(height, torch::kFloat);
  const auto centre_x = lips.sum({1, 2}).mv(xs) / area;
  const auto centre_y = lips.sum({1, 3}).mv(ys) / area;
  const auto maps = planes.narrow(1, kInnerLipPlane, 2);
  std::vector<torch::Tensor> windows;
  for (std::int64_t n = 0; n < pictures.size(0); ++n) {
    const auto first = [side](const torch::Tensor& centre, std::int64_t length) {
      const auto start = static_cast<std::int64_t>(centre.item<float>()) - side / 2;
      return std::clamp<std::int64_t>(start, 0, length - side);
    };
    const auto x = first(centre_x[n], width), y = first(centre_y[n], height);
    windows.push_back(torch::cat({pictures[n], maps[n]}).narrow(1, y, side).narrow(2, x, side));
  }
  return torch::stack(windows);
}

torch::Tensor judge_loss(MouthDiscriminator& judge, const torch::Tensor& real,
                         const torch::Tensor& made) {
  const auto scores = judge.forward(torch::cat({real, made}).detach()).back();
  const auto count = real.size(0);
  return torch::relu(1 - scores.narrow(0, 0, count)).mean() +
         torch::relu(1 + scores.narrow(0, count, made.size(0))).mean();
}

torch::Tensor adversarial_loss(MouthDiscriminator& judge, const torch::Tensor& real,
                               const torch::Tensor& made) {
  std::vector<torch::Tensor> wanted;
  {
    torch::NoGradGuard guard;
    wanted = judge.forward(real);
  }
  const auto outputs = judge.forward(made);
  auto loss = -outputs.back().mean();
  const double weight = kFeatureWeight / static_cast<double>(outputs.size() - 1);
  for (std::size_t k = 0; k + 1 < outputs.size(); ++k)
    loss = loss + weight * (outputs[k] - wanted[k]).abs().mean();
  return loss;
}

}  // namespace visema::training
