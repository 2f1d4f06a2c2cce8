#pragma once

#include <torch/torch.h>

#include <optional>
#include <vector>

#include "generator_model_torch.h"
#include "renderer_loss_torch.h"

namespace visema::training {

/// How near the network and alignment alone come to the real picture, inside the mask.
struct RendererQuality {
  double l1 = 0, l1_aligned = 0, l1_matched = 0;  // colours 0..1; aligned = warped reference A
  double psnr_db = 0, psnr_aligned_db = 0;        // of the mean square over all samples
  double mouth_l1 = 0, mouth_l1_aligned = 0;      // within the outer lips
  double sharpness = 0, sharpness_aligned = 0;    // gradient energy about the mouth over the real's
  double blend = 0;                               // mean m
  std::optional<double> perceptual;               // of the judge's windows, where it is measured
};

/// What the generator sees and what it should show: [1,13,S,S], [1,3,S,S].
struct RendererExample {
  torch::Tensor planes, target;
};

/// Of planar numbers, which are copied.
RendererExample example_of(const std::vector<float>& planes, const std::vector<float>& target);

/// What the model makes of the planes, on the CPU.
torch::Tensor result_of(GeneratorModel& model, const torch::Tensor& planes, torch::ScalarType type);

RendererQuality measure(const std::vector<RendererExample>& examples, GeneratorModel& model,
                        torch::ScalarType type, const PictureDistance& perceptual = {});

}  // namespace visema::training
