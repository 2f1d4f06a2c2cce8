#include "renderer_validation_torch.h"

#include <algorithm>

#include "renderer_loss_torch.h"
#include "renderer_sheet.h"
#include "visema/renderer/generator_input.h"

namespace visema::training {

std::vector<std::pair<std::string, double>> values_of(const RendererQuality& q) {
  std::vector<std::pair<std::string, double>> values = {{"blend", q.blend},
                                                        {"l1", q.l1},
                                                        {"l1_aligned", q.l1_aligned},
                                                        {"l1_matched", q.l1_matched},
                                                        {"mouth_l1", q.mouth_l1},
                                                        {"mouth_l1_aligned", q.mouth_l1_aligned},
                                                        {"psnr_aligned_db", q.psnr_aligned_db},
                                                        {"psnr_db", q.psnr_db},
                                                        {"sharpness", q.sharpness},
                                                        {"sharpness_aligned", q.sharpness_aligned}};
  if (q.perceptual) values.emplace_back("perceptual", *q.perceptual);
  return values;
}

RendererValidation::RendererValidation(const RendererSampler& sampler, int count,
                                       std::uint64_t seed) {
  for (int i = 0; i < count; ++i) {
    Random random(seed, static_cast<std::uint64_t>(i));
    const RendererSample sample = sampler.make(sampler.choose(random), Augment::kNo, random);
    examples_.push_back(example_of(sample.planes, sample.target));
  }
}

void RendererValidation::write_sheet(GeneratorModel& model, torch::ScalarType type, int rows,
                                     const std::filesystem::path& path) const {
  const torch::NoGradGuard guard;
  model.eval();
  std::vector<torch::Tensor> lines;
  const auto count = std::min(examples_.size(), static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [planes, target] = examples_[i];
    const auto picture = blended(result_of(model, planes, type), planes);
    const auto mask = planes.narrow(1, kMaskPlane, 1);
    lines.push_back(
        torch::cat({planes.narrow(1, 0, 3), planes.narrow(1, kRestPlane, 3),
                    planes.narrow(1, kOpenPlane, 3), target + mask * (picture - target), target},
                   3));
  }
  const auto sheet = (torch::cat(lines, 2)[0].permute({1, 2, 0}).clamp(0, 1) * 255 + 0.5)
                         .to(torch::kByte)
                         .contiguous();
  Image image(static_cast<int>(sheet.size(1)), static_cast<int>(sheet.size(0)));
  std::copy_n(sheet.data_ptr<std::uint8_t>(), image.rgb.size(), image.rgb.begin());
  write_bmp(path, image);
}

}  // namespace visema::training
