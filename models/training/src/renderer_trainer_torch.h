#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>

#include "flat_adamw_torch.h"
#include "generator_model_torch.h"
#include "renderer_discriminator_torch.h"
#include "renderer_loader.h"
#include "renderer_training.h"

namespace visema::training {

/// Means of what the steps since the last report lost.
struct StepLosses {
  double total = 0, l1 = 0, adversarial = 0, judge = 0, norm = 0;
};

/// Generator, judge and their optimizers: one step at a time.
class RendererTrainer {
 public:
  explicit RendererTrainer(const RendererTraining& training);

  /// adversarial: weight of the judge's opinion, 0 leaves the judge out.
  StepLosses step(const RendererBatch& batch, double rate, double adversarial);

  GeneratorModel& model() { return *model_; }
  torch::ScalarType type() const { return type_; }
  std::int64_t steps() const { return optimizer_->steps(); }
  void swap_average() { optimizer_->swap_average(); }
  void save(const std::map<std::string, double>& progress) const;
  std::map<std::string, double> load();

 private:
  torch::Tensor windowed(const torch::Tensor& t, std::int64_t x, std::int64_t y) const;

  const RendererTraining& training_;
  torch::Device device_;
  torch::ScalarType type_;
  std::shared_ptr<GeneratorModel> model_;
  std::shared_ptr<MouthDiscriminator> judge_;
  std::unique_ptr<FlatAdamW> optimizer_, judge_optimizer_;
};

}  // namespace visema::training
