#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "visema/models/tensor_file.h"
#include "visema/models/weight_card.h"
#include "winograd_kernel.h"

namespace visema {

inline constexpr int kGeneratorInputs = 13;
inline constexpr const char* kGeneratorName = "visema-generator";
inline constexpr const char* kGeneratorVersion = "2";

/// Shape of the generator. widths[k] is the number of channels at 1/2^(k+1) of the picture's size,
/// blocks[k] the residual blocks there (in the decoder; at the last level in the middle). The
/// encoder has one block a level below the first. stem is the side of the first kernel, 1 or 3.
struct GeneratorConfig {
  std::vector<std::int64_t> widths = {32, 64, 96, 128};
  std::vector<std::int64_t> blocks = {1, 1, 1, 2};
  int stem = 3;

  /// Picture sides must be multiples of this.
  std::int64_t stride() const { return std::int64_t{1} << widths.size(); }
  std::string to_json() const;
  /// Throws Error(kModel) that names `source`.
  static GeneratorConfig from_json(const std::string& json, const std::string& source);
};

/// Convolution that runs in its input's dtype on float master weights (channels last). Some call
/// prepare() once the weights are final: then inference in float on the CPU takes a kernel of ours.
class Convolution : public torch::nn::Module {
 public:
  Convolution(std::int64_t in, std::int64_t out, int kernel, int stride = 1);
  torch::Tensor forward(const torch::Tensor& x) const;
  /// leaky(conv(x) + added), added only where given.
  torch::Tensor activated(const torch::Tensor& x, const torch::Tensor& added = {}) const;
  void prepare();
  void zero();
  /// 2 x multiply-accumulate for an input of this size; height and width become the output's.
  std::int64_t flop(std::int64_t& height, std::int64_t& width) const;

 private:
  bool has_kernel_for(const torch::Tensor& x) const;
  torch::Tensor run_kernel(const torch::Tensor& x, const torch::Tensor& added, double slope) const;

  torch::Tensor weight_, bias_;
  int kernel_, stride_;
  std::unique_ptr<const WinogradKernel> winograd_;
};

/// x -> leaky(x + conv(leaky(conv(x)))), no normalisation; the second convolution starts at zero.
class ResidualBlock : public torch::nn::Module {
 public:
  explicit ResidualBlock(std::int64_t width);
  torch::Tensor forward(const torch::Tensor& x) const;
  std::int64_t flop(std::int64_t height, std::int64_t width) const;

 private:
  std::shared_ptr<Convolution> first_, second_;
};

/// U-Net over pixel-unshuffled planes. It predicts, per pixel, which share of reference B replaces
/// reference A, a residual colour, and the blend m:
///   rgb = A + s (B - A) + tanh(r), picture = m rgb + (1 - m) A.
/// Between the inner lips m is 1.
/// Input [N,13,H,W] as in renderer/generator_input.h, output [N,4,H,W] float: rgb (clamped in eval
/// mode only, so that gradients live), m. H and W are multiples of config.stride().
class GeneratorModel : public torch::nn::Module {
 public:
  explicit GeneratorModel(GeneratorConfig config = {});
  torch::Tensor forward(const torch::Tensor& planes, torch::ScalarType compute = torch::kFloat);
  const GeneratorConfig& config() const { return config_; }
  /// Of every convolution.
  void prepare();
  std::int64_t flop(std::int64_t height, std::int64_t width) const;

 private:
  using Blocks = std::vector<std::shared_ptr<ResidualBlock>>;
  /// last: of the head, [N,20,H/2,W/2].
  torch::Tensor finished(const torch::Tensor& last, const torch::Tensor& planes) const;
  std::shared_ptr<ResidualBlock> add_block(const std::string& name, std::int64_t width);

  GeneratorConfig config_;
  std::shared_ptr<Convolution> stem_, head_;
  std::vector<std::shared_ptr<Convolution>> down_, up_;
  Blocks encoder_;
  std::vector<Blocks> decoder_;  // per level, the last is the middle
};

/// The network of a weight file. Throws Error(kModel) that names the tensor and the file.
std::shared_ptr<GeneratorModel> load_generator(const TensorFile& file, const WeightCard& card);

}  // namespace visema
