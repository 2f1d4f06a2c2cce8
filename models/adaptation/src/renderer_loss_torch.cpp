#include "renderer_loss_torch.h"

#include "visema/renderer/generator_input.h"

namespace visema::training {
namespace {

constexpr double kTiny = 1e-6;

torch::Tensor weighted_mean(const torch::Tensor& error, const torch::Tensor& weight) {
  return (error * weight).sum() / (weight.sum() * error.size(1) + kTiny);
}

/// x[..., 1:] - x[..., :-1] along a dimension, and the smaller of the weights at both ends.
torch::Tensor gradient_loss(const torch::Tensor& error, const torch::Tensor& weight, int dim) {
  const auto length = error.size(dim) - 1;
  const auto difference = error.narrow(dim, 1, length) - error.narrow(dim, 0, length);
  const auto shared = torch::minimum(weight.narrow(dim, 1, length), weight.narrow(dim, 0, length));
  return weighted_mean(difference.abs(), shared);
}

torch::Tensor luminance(const torch::Tensor& rgb) {
  return rgb.narrow(1, 0, 1) * 0.299 + rgb.narrow(1, 1, 1) * 0.587 + rgb.narrow(1, 2, 1) * 0.114;
}

/// 1 - SSIM over windows of 6 pixels, two apart.
torch::Tensor structure_loss(const torch::Tensor& picture, const torch::Tensor& target,
                             const torch::Tensor& weight) {
  constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;
  const auto pooled = [](const torch::Tensor& t) { return torch::avg_pool2d(t, 6, 2); };
  const auto x = luminance(picture), y = luminance(target);
  const auto mean_x = pooled(x), mean_y = pooled(y);
  const auto var_x = pooled(x * x) - mean_x * mean_x;
  const auto var_y = pooled(y * y) - mean_y * mean_y;
  const auto cov = pooled(x * y) - mean_x * mean_y;
  const auto similarity = ((2 * mean_x * mean_y + kC1) * (2 * cov + kC2)) /
                          ((mean_x * mean_x + mean_y * mean_y + kC1) * (var_x + var_y + kC2));
  return weighted_mean(1 - similarity, pooled(weight));
}

}  // namespace

torch::Tensor blended(const torch::Tensor& output, const torch::Tensor& planes) {
  const auto a = planes.narrow(1, kRestPlane, 3);
  return a + output.narrow(1, 3, 1) * (output.narrow(1, 0, 3) - a);
}

torch::Tensor pixel_weight(const torch::Tensor& planes, double lips) {
  const auto inner = planes.narrow(1, kInnerLipPlane, 1).gt(0).to(torch::kFloat);
  const auto outer = planes.narrow(1, kOuterLipPlane, 1).gt(0).to(torch::kFloat);
  return planes.narrow(1, kMaskPlane, 1) * (1 + lips * torch::maximum(outer, 2 * inner));
}

torch::Tensor weighted_l1(const torch::Tensor& picture, const torch::Tensor& target,
                          const torch::Tensor& weight) {
  return weighted_mean((picture - target).abs(), weight);
}

RendererLoss reconstruction_loss(const torch::Tensor& output, const torch::Tensor& planes,
                                 const torch::Tensor& target, const RendererLossWeights& weights) {
  const auto picture = blended(output, planes);
  const auto weight = pixel_weight(planes, weights.lips);
  const auto error = picture - target;
  RendererLoss loss;
  const auto add = [&loss](double share, const torch::Tensor& part) {
    loss.total = loss.total.defined() ? loss.total + share * part : share * part;
  };
  add(weights.colour, weighted_mean(error.abs(), weight));
  for (const int dim : {2, 3}) add(weights.gradient, gradient_loss(error, weight, dim));
  for (const int scale : {2, 4})
    add(weights.coarse,
        weighted_mean(torch::avg_pool2d(error, scale).abs(), torch::avg_pool2d(weight, scale)));
  add(weights.structure, structure_loss(picture, target, weight));
  const auto mask = planes.narrow(1, kMaskPlane, 1);
  const auto skin = mask * planes.narrow(1, kOuterLipPlane, 1).le(-0.99).to(torch::kFloat);
  add(weights.blend, weighted_mean(output.narrow(1, 3, 1), skin));
  loss.l1 = weighted_mean(error.detach().abs(), mask);
  return loss;
}

torch::Tensor masked_l1(const torch::Tensor& picture, const torch::Tensor& target,
                        const torch::Tensor& planes) {
  const auto mask = planes.narrow(1, kMaskPlane, 1);
  return ((picture - target).abs() * mask).sum({1, 2, 3}) / (3 * mask.sum({1, 2, 3}) + kTiny);
}

}  // namespace visema::training
