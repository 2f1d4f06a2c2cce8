#include "renderer_trainer_torch.h"

#include <memory>

#include "checkpoint_torch.h"

namespace visema::training {
namespace {

constexpr const char* kJudgeName = "visema-generator-judge";

std::filesystem::path beside(const std::filesystem::path& out, const char* ending) {
  auto path = out;
  return path += ending;
}

std::shared_ptr<GeneratorModel> new_model(const RendererTraining& training) {
  torch::manual_seed(static_cast<std::int64_t>(training.seed));
  return std::make_shared<GeneratorModel>(
      GeneratorConfig::from_json(training.config, "renderer training"));
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
  return options;
}

}  // namespace

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
