#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "renderer_quality_torch.h"
#include "renderer_samples.h"

namespace visema::training {

inline constexpr std::uint64_t kValidationSeed = 20240101;

/// Name and value of each figure.
std::vector<std::pair<std::string, double>> values_of(const RendererQuality& quality);

/// A fixed set of examples, the same for every run with the same pack and seed.
class RendererValidation {
 public:
  RendererValidation(const RendererSampler& sampler, int count, std::uint64_t seed);

  RendererQuality measure(GeneratorModel& model, torch::ScalarType type,
                          const PictureDistance& perceptual) const {
    return training::measure(examples_, model, type, perceptual);
  }
  /// Rows of masked base, warped A, warped B, result, real picture. Throws Error(kOutput).
  void write_sheet(GeneratorModel& model, torch::ScalarType type, int rows,
                   const std::filesystem::path& path) const;

 private:
  std::vector<RendererExample> examples_;
};

}  // namespace visema::training
