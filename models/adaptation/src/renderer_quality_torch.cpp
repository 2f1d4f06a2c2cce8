#include "renderer_quality_torch.h"

#include <cmath>

#include "renderer_discriminator_torch.h"
#include "renderer_loss_torch.h"
#include "visema/renderer/generator_input.h"

namespace visema::training {
namespace {

constexpr double kTiny = 1e-8;

double sum_of(const torch::Tensor& t) {
  return t.sum().item<double>();
}

/// A with each channel's mean and spread outside the mask made the base's.
torch::Tensor colour_matched(const torch::Tensor& planes) {
  const auto seen = planes.narrow(1, kMaskPlane, 1).le(0).to(torch::kFloat);
  const auto area = seen.sum() + kTiny;
  const auto base = planes.narrow(1, 0, 3), a = planes.narrow(1, kRestPlane, 3);
  const auto mean = [&](const torch::Tensor& t) { return (t * seen).sum({2, 3}, true) / area; };
  const auto base_mean = mean(base), a_mean = mean(a);
  const auto base_spread = (mean((base - base_mean).square()) + 1e-6).sqrt();
  const auto a_spread = (mean((a - a_mean).square()) + 1e-6).sqrt();
  const auto gain = (base_spread / a_spread).clamp(0.7, 1.4);
  return ((a - a_mean) * gain + base_mean).clamp(0, 1);
}

double gradient_energy(const torch::Tensor& picture, const torch::Tensor& weight) {
  const auto energy = [&](int dim) {
    const auto length = picture.size(dim) - 1;
    const auto step = picture.narrow(dim, 1, length) - picture.narrow(dim, 0, length);
    return sum_of(step.square() * weight.narrow(dim, 0, length));
  };
  return energy(2) + energy(3);
}

}  // namespace

RendererExample example_of(const std::vector<float>& planes, const std::vector<float>& target) {
  const auto tensor_of = [](const std::vector<float>& values, std::int64_t channels) {
    const auto area = static_cast<std::int64_t>(values.size()) / channels;
    const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(area))));
    return torch::from_blob(const_cast<float*>(values.data()), {1, channels, side, side},
                            torch::kFloat)
        .clone();
  };
  return {tensor_of(planes, kGeneratorInputs), tensor_of(target, 3)};
}

torch::Tensor result_of(GeneratorModel& model, const torch::Tensor& planes,
                        torch::ScalarType type) {
  const auto device = model.parameters().front().device();
  return model.forward(planes.to(device), type).cpu();
}

RendererQuality measure(const std::vector<RendererExample>& examples, GeneratorModel& model,
                        torch::ScalarType type, const PictureDistance& perceptual) {
  const torch::NoGradGuard guard;
  model.eval();
  RendererQuality sum;
  if (perceptual && !examples.empty()) sum.perceptual = 0;
  const auto device = model.parameters().front().device();
  double square = 0, square_aligned = 0, area = 0, mouth = 0, real_energy = 0;
  for (const auto& [planes, target] : examples) {
    const auto output = result_of(model, planes, type);
    const auto picture = blended(output, planes);
    const auto a = planes.narrow(1, kRestPlane, 3);
    const auto mask = planes.narrow(1, kMaskPlane, 1);
    const auto lips = mask * planes.narrow(1, kOuterLipPlane, 1).gt(0).to(torch::kFloat);
    const auto near = mask * planes.narrow(1, kOuterLipPlane, 1).gt(-0.5).to(torch::kFloat);
    const auto error = picture - target, error_aligned = a - target;
    area += sum_of(mask);
    mouth += sum_of(lips);
    sum.l1 += sum_of(error.abs() * mask);
    sum.l1_aligned += sum_of(error_aligned.abs() * mask);
    sum.l1_matched += sum_of((colour_matched(planes) - target).abs() * mask);
    sum.mouth_l1 += sum_of(error.abs() * lips);
    sum.mouth_l1_aligned += sum_of(error_aligned.abs() * lips);
    square += sum_of(error.square() * mask);
    square_aligned += sum_of(error_aligned.square() * mask);
    real_energy += gradient_energy(target, near);
    sum.sharpness += gradient_energy(picture, near);
    sum.sharpness_aligned += gradient_energy(a, near);
    sum.blend += sum_of(output.narrow(1, 3, 1) * mask);
    if (sum.perceptual) {
      const auto seen = [&](const torch::Tensor& rgb) {
        return mouth_windows(rgb, planes).narrow(1, 0, 3).to(device);
      };
      *sum.perceptual += perceptual(seen(target + mask * error), seen(target)).item<double>() /
                         static_cast<double>(examples.size());
    }
  }
  const double colours = 3 * area + kTiny, mouth_colours = 3 * mouth + kTiny;
  for (double* value : {&sum.l1, &sum.l1_aligned, &sum.l1_matched}) *value /= colours;
  for (double* value : {&sum.mouth_l1, &sum.mouth_l1_aligned}) *value /= mouth_colours;
  for (double* value : {&sum.sharpness, &sum.sharpness_aligned}) *value /= real_energy + kTiny;
  sum.blend /= area + kTiny;
  sum.psnr_db = -10 * std::log10(square / colours + kTiny);
  sum.psnr_aligned_db = -10 * std::log10(square_aligned / colours + kTiny);
  return sum;
}

}  // namespace visema::training
