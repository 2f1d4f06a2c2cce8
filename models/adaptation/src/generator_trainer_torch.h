#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>

#include "flat_adamw_torch.h"
#include "generator_model_torch.h"
#include "renderer_batch.h"
#include "renderer_discriminator_torch.h"
#include "visema/models/compute.h"

namespace visema::training {

/// What a step lost.
struct StepLosses {
  double total = 0, l1 = 0, adversarial = 0, judge = 0, norm = 0;
  double taught = 0;      // difference from the teacher's picture
  double perceptual = 0;  // distance of the mouths, before its weight
};

/// A generator whose pictures another one learns from, beside the real ones.
struct Teacher {
  std::shared_ptr<GeneratorModel> model;  // null: none
  Precision precision = Precision::kFloat;
  double weight = 1;  // of the mean difference of colours, weighted by pixel_weight
};

struct GeneratorTrainerOptions {
  std::int64_t window_px = 144;   // training sees random windows of the crops
  double judge_rate_share = 0.5;  // of the generator's learning rate
  std::uint64_t seed = 1;
  Compute compute;
  Teacher teacher;
  RendererLossWeights loss;
  PictureDistance perceptual;  // of the windows that the judge sees; empty: none
};

/// Generator, judge and their optimizers: one step at a time.
class GeneratorTrainer {
 public:
  /// The model moves to the device of `options.compute`.
  GeneratorTrainer(std::shared_ptr<GeneratorModel> model, const GeneratorTrainerOptions& options);

  /// adversarial: weight of the judge's opinion, 0 leaves the judge out.
  StepLosses step(const RendererBatch& batch, double rate, double adversarial);

  GeneratorModel& model() { return *model_; }
  const Teacher& teacher() const { return options_.teacher; }
  const PictureDistance& perceptual() const { return options_.perceptual; }
  torch::ScalarType type() const { return type_; }
  std::int64_t steps() const { return optimizer_->steps(); }
  void swap_average() { optimizer_->swap_average(); }
  FlatAdamW& optimizer() const { return *optimizer_; }
  FlatAdamW& judge_optimizer() const { return *judge_optimizer_; }

 private:
  torch::Tensor taught(const torch::Tensor& picture, const torch::Tensor& planes) const;
  torch::Tensor windowed(const torch::Tensor& t, std::int64_t x, std::int64_t y) const;

  const GeneratorTrainerOptions options_;
  torch::Device device_;
  torch::ScalarType type_;
  std::shared_ptr<GeneratorModel> model_;
  std::shared_ptr<MouthDiscriminator> judge_;
  std::unique_ptr<FlatAdamW> optimizer_, judge_optimizer_;
};

}  // namespace visema::training
