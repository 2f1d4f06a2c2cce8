#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "generator_model_torch.h"
#include "renderer_samples.h"

namespace visema::training {

/// How near the network and alignment alone come to the real picture, inside the mask.
struct RendererQuality {
  double l1 = 0, l1_aligned = 0, l1_matched = 0;  // colours 0..1; aligned = warped reference A
  double psnr_db = 0, psnr_aligned_db = 0;        // of the mean square over all samples
  double mouth_l1 = 0, mouth_l1_aligned = 0;      // within the outer lips
  double sharpness = 0, sharpness_aligned = 0;    // gradient energy about the mouth over the real's
  double blend = 0;                               // mean m
};

/// A fixed set of examples, the same for every run with the same pack and seed.
class RendererValidation {
 public:
  RendererValidation(const RendererSampler& sampler, int count, std::uint64_t seed);

  RendererQuality measure(GeneratorModel& model, torch::ScalarType type) const;
  /// Rows of masked base, warped A, warped B, result, real picture. Throws Error(kOutput).
  void write_sheet(GeneratorModel& model, torch::ScalarType type, int rows,
                   const std::filesystem::path& path) const;

 private:
  struct Example {
    torch::Tensor planes, target;  // [1,13,S,S], [1,3,S,S]
  };
  std::vector<Example> examples_;
};

}  // namespace visema::training
