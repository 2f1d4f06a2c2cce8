#include "renderer_trainer_torch.h"

#include <memory>

#include "checkpoint_torch.h"
#include "compute_device_torch.h"
#include "generator_growth_torch.h"
#include "perceptual_loss_torch.h"

namespace visema::training {
namespace {

constexpr const char* kJudgeName = "visema-generator-judge";

std::filesystem::path beside(const std::filesystem::path& out, const char* ending) {
  auto path = out;
  return path += ending;
}

std::shared_ptr<GeneratorModel> new_model(const RendererTraining& training) {
  torch::manual_seed(static_cast<std::int64_t>(training.seed));
  auto model = std::make_shared<GeneratorModel>(
      GeneratorConfig::from_json(training.config, "renderer training"));
  if (!training.from.empty()) grow_from(*model, training.from);
  return model;
}

Teacher teacher_of(const RendererTraining& training) {
  Teacher teacher;
  if (training.teacher.empty()) return teacher;
  const TensorFile file = TensorFile::open(training.teacher);
  teacher.model = load_generator(file, read_weight_card(file, kGeneratorName, kGeneratorVersion));
  teacher.precision =
      resolve({std::string(name_of(training.compute.device)), "auto", training.compute.threads})
          .precision;
  teacher.weight = training.teacher_weight;
  return teacher;
}

GeneratorTrainerOptions options_of(const RendererTraining& training) {
  GeneratorTrainerOptions options;
  options.window_px = training.window_px;
  options.seed = training.seed;
  options.compute = training.compute;
  options.teacher = teacher_of(training);
  options.loss = training.loss;
  options.perceptual = perceptual_of(training);
  return options;
}

}  // namespace

PictureDistance perceptual_of(const RendererTraining& training) {
  if (training.perceptual.empty()) return {};
  const auto network =
      std::make_shared<const PerceptualLoss>(training.perceptual, torch_device(training.compute));
  return [network](const torch::Tensor& made, const torch::Tensor& real) {
    return (*network)(made, real);
  };
}

RendererTrainer::RendererTrainer(const RendererTraining& training)
    : GeneratorTrainer(new_model(training), options_of(training)), training_(training) {}

void RendererTrainer::save(const std::map<std::string, double>& progress) const {
  save_checkpoint(beside(training_.out, ".checkpoint"), kGeneratorName, {{"", optimizer()}},
                  progress);
  save_checkpoint(beside(training_.out, ".judge"), kJudgeName, {{"", judge_optimizer()}}, {});
}

std::map<std::string, double> RendererTrainer::load() {
  load_checkpoint(beside(training_.out, ".judge"), kJudgeName, {{"", judge_optimizer()}});
  return load_checkpoint(beside(training_.out, ".checkpoint"), kGeneratorName, {{"", optimizer()}});
}

}  // namespace visema::training
