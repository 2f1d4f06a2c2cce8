#include "generator_trainer_torch.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "random.h"
#include "renderer_loss_torch.h"
#include "visema/renderer/generator_input.h"

namespace visema::training {
namespace {

constexpr std::uint64_t kWindowStream = std::uint64_t{1} << 40;

torch::ScalarType type_of(Precision precision) {
  return precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat;
}

void set_learning(torch::nn::Module& module, bool on) {
  for (auto& parameter : module.parameters()) parameter.requires_grad_(on);
}

}  // namespace

GeneratorTrainer::GeneratorTrainer(std::shared_ptr<GeneratorModel> model,
                                   const GeneratorTrainerOptions& options)
    : options_(options),
      device_(options.compute.device == Device::kCuda ? torch::kCUDA : torch::kCPU),
      type_(type_of(options.compute.precision)),
      model_(std::move(model)),
      judge_(std::make_shared<MouthDiscriminator>()) {
  model_->to(device_);
  judge_->to(device_);
  if (const auto& teacher = options_.teacher.model) {
    teacher->to(device_);
    teacher->eval();
    teacher->prepare();
  }
  optimizer_ = std::make_unique<FlatAdamW>(*model_);
  AdamOptions judging;
  judging.beta1 = 0.5;
  judging.decay = 0;
  judge_optimizer_ = std::make_unique<FlatAdamW>(*judge_, judging);
}

torch::Tensor GeneratorTrainer::windowed(const torch::Tensor& t, std::int64_t x,
                                         std::int64_t y) const {
  const auto side = std::min(options_.window_px, t.size(2));
  return t.narrow(2, y, side).narrow(3, x, side).to(device_).contiguous();
}

torch::Tensor GeneratorTrainer::taught(const torch::Tensor& picture,
                                       const torch::Tensor& planes) const {
  torch::Tensor wanted;
  {
    const torch::NoGradGuard guard;
    const Teacher& teacher = options_.teacher;
    wanted = blended(teacher.model->forward(planes, type_of(teacher.precision)), planes);
  }
  return weighted_l1(picture, wanted, pixel_weight(planes, options_.loss.lips));
}

StepLosses GeneratorTrainer::step(const RendererBatch& batch, double rate, double adversarial) {
  const auto view = [&](const std::vector<float>& values, std::int64_t channels) {
    const auto area = static_cast<std::int64_t>(values.size()) / (batch.count * channels);
    const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(area))));
    return torch::from_blob(const_cast<float*>(values.data()), {batch.count, channels, side, side},
                            torch::kFloat);
  };
  const auto whole = view(batch.planes, kGeneratorInputs);
  Random random(options_.seed, kWindowStream + static_cast<std::uint64_t>(steps()));
  const auto slack = std::max<std::int64_t>(0, whole.size(2) - options_.window_px);
  const auto x = random.below(slack + 1), y = random.below(slack + 1);
  const auto planes = windowed(whole, x, y);
  const auto target = windowed(view(batch.target, 3), x, y);

  model_->train();
  const auto output = model_->forward(planes, type_);
  const auto loss = reconstruction_loss(output, planes, target, options_.loss);
  auto total = loss.total;
  StepLosses losses;
  if (options_.teacher.model) {
    const auto taught_loss = taught(blended(output, planes), planes);
    total = total + options_.teacher.weight * taught_loss;
    losses.taught = taught_loss.item<double>();
  }
  const bool perceives = options_.perceptual && options_.loss.perceptual > 0;
  torch::Tensor made, real;
  if (adversarial > 0 || perceives) {
    const auto mask = planes.narrow(1, kMaskPlane, 1);
    const auto picture = target + mask * (blended(output, planes) - target);
    made = mouth_windows(picture, planes);
    real = mouth_windows(target, planes);
  }
  if (perceives) {
    const auto distance = options_.perceptual(made.narrow(1, 0, 3), real.narrow(1, 0, 3));
    total = total + options_.loss.perceptual * distance;
    losses.perceptual = distance.item<double>();
  }
  if (adversarial > 0) {
    judge_->train();
    const auto judged = judge_loss(*judge_, real, made);
    judge_optimizer_->zero_grad();
    judged.backward();
    judge_optimizer_->step(rate * options_.judge_rate_share);
    set_learning(*judge_, false);
    const auto opinion = adversarial_loss(*judge_, real, made);
    set_learning(*judge_, true);
    total = total + adversarial * opinion;
    losses.judge = judged.item<double>();
    losses.adversarial = opinion.item<double>();
  }
  optimizer_->zero_grad();
  total.backward();
  losses.norm = optimizer_->step(rate);
  losses.total = total.item<double>();
  losses.l1 = loss.l1.item<double>();
  return losses;
}

}  // namespace visema::training
