#pragma once

#include <map>
#include <string>

#include "generator_trainer_torch.h"
#include "renderer_training.h"

namespace visema::training {

/// The distance that `training.perceptual` names, or nothing. Throws Error(kModel).
PictureDistance perceptual_of(const RendererTraining& training);

/// A GeneratorTrainer whose state can be kept beside the weights.
class RendererTrainer : public GeneratorTrainer {
 public:
  explicit RendererTrainer(const RendererTraining& training);

  void save(const std::map<std::string, double>& progress) const;
  std::map<std::string, double> load();

 private:
  const RendererTraining& training_;
};

}  // namespace visema::training
