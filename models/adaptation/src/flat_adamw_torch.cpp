#include "flat_adamw_torch.h"

#include <algorithm>
#include <cmath>

namespace visema::training {

FlatAdamW::FlatAdamW(torch::nn::Module& module, AdamOptions options)
    : options_(options), parameters_(module.parameters()) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> values, decays;
  for (const torch::Tensor& p : parameters_) {
    values.push_back(p.detach().reshape(-1));
    decays.push_back(torch::full_like(values.back(), p.dim() > 1 ? options_.decay : 0.0));
  }
  weights_ = torch::cat(values);
  decays_ = torch::cat(decays);
  average_ = weights_.clone();
  first_ = torch::zeros_like(weights_);
  second_ = torch::zeros_like(weights_);
  std::int64_t offset = 0;
  for (torch::Tensor& p : parameters_) {
    p.set_data(weights_.narrow(0, offset, p.numel()).view(p.sizes()));
    offset += p.numel();
  }
}

void FlatAdamW::zero_grad() {
  for (torch::Tensor& p : parameters_) p.mutable_grad() = torch::Tensor();
}

double FlatAdamW::step(double rate) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> gradients;
  gradients.reserve(parameters_.size());
  for (const torch::Tensor& p : parameters_)
    gradients.push_back(p.grad().defined() ? p.grad().reshape(-1)
                                           : torch::zeros_like(p).reshape(-1));
  const torch::Tensor gradient = torch::cat(gradients);
  const double norm = gradient.norm().item<double>();
  if (!std::isfinite(norm)) return norm;
  if (options_.most_norm > 0 && norm > options_.most_norm) gradient.mul_(options_.most_norm / norm);
  ++steps_;
  const auto n = static_cast<double>(steps_);
  first_.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
  second_.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
  const double unbias = std::sqrt(1 - std::pow(options_.beta2, n));
  const torch::Tensor scale = (second_.sqrt() / unbias).add_(options_.epsilon);
  weights_.addcmul_(weights_, decays_, -rate);
  weights_.addcdiv_(first_, scale, -rate / (1 - std::pow(options_.beta1, n)));
  // The mean of few steps forgets faster.
  const double keep = std::min(options_.average, (1 + n) / (10 + n));
  average_.mul_(keep).add_(weights_, 1 - keep);
  return norm;
}

void FlatAdamW::swap_average() {
  const torch::NoGradGuard no_grad;
  const torch::Tensor weights = weights_.clone();
  weights_.copy_(average_);
  average_.copy_(weights);
}

void FlatAdamW::restore(const std::vector<torch::Tensor>& state, std::int64_t steps) {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> own = this->state();
  for (std::size_t i = 0; i < own.size(); ++i) {
    torch::Tensor target = own[i];
    target.copy_(state.at(i));
  }
  steps_ = steps;
}

}  // namespace visema::training
