#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace visema::training {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-8;
  double decay = 0.01;     // of matrices and kernels; vectors do not decay
  double most_norm = 1;    // of the gradient, 0: any
  double average = 0.999;  // of the running mean of the weights
};

/// AdamW (Loshchilov and Hutter 2019) with a running mean of the weights, over one flat tensor that
/// the module's parameters become views of: a handful of operations a step, on any device.
class FlatAdamW {
 public:
  /// Takes over the parameters of `module`, which must be on its device already and outlive this.
  FlatAdamW(torch::nn::Module& module, AdamOptions options = {});

  void zero_grad();
  /// One step; returns the gradient's norm before it was clipped. A step whose gradient is not
  /// finite changes nothing.
  double step(double rate);
  /// Exchanges weights and running mean, for validation and saving. Twice: as before.
  void swap_average();

  std::int64_t steps() const { return steps_; }
  /// weights, mean, first and second moment, all flat and float, to save.
  std::vector<torch::Tensor> state() const { return {weights_, average_, first_, second_}; }
  /// Copies from such tensors.
  void restore(const std::vector<torch::Tensor>& state, std::int64_t steps);

 private:
  AdamOptions options_;
  std::vector<torch::Tensor> parameters_;
  torch::Tensor weights_, average_, first_, second_, decays_;
  std::int64_t steps_ = 0;
};

}  // namespace visema::training
