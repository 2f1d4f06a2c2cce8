#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "commands.h"
#include "renderer_loader.h"
#include "renderer_trainer_torch.h"
#include "renderer_training.h"
#include "renderer_validation_torch.h"
#include "visema/core/error.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

constexpr std::int64_t kWarmupSteps = 100;
constexpr std::int64_t kReportSteps = 50;
constexpr double kAdversarialRamp = 0.05;  // of the budget
constexpr int kSheetRows = 12;

/// Clips, crops and persons of each source, by split.
nlohmann::json data_facts(const CropSet& set) {
  nlohmann::json facts;
  std::map<std::string, std::set<std::string>> persons;
  for (const CropClip& clip : set.clips) {
    const std::string name = clip.source + (clip.validation ? " (validation)" : "");
    if (!facts.contains(name)) facts[name] = {{"clips", 0}, {"crops", 0}};
    auto& entry = facts[name];
    entry["clips"] = entry["clips"].get<std::size_t>() + 1;
    entry["crops"] = entry["crops"].get<std::size_t>() + clip.count();
    persons[name].insert(clip.person);
    entry["persons"] = persons[name].size();
  }
  return facts;
}

nlohmann::json to_json(const RendererQuality& quality) {
  nlohmann::json json;
  for (const auto& [name, value] : values_of(quality)) json[name] = value;
  return json;
}

/// One run: loads, steps, validates, saves.
class Run {
 public:
  Run(const RendererTraining& training, TrainLog& log)
      : training_(training),
        log_(log),
        set_(CropSet::load(training.pack, training.face.empty()
                                              ? training.pack / "canonical_face.safetensors"
                                              : training.face)),
        train_sampler_(set_, Split::kTrain),
        validation_sampler_(set_, Split::kValidation),
        trainer_(training) {
    if (train_sampler_.empty())
      throw Error(ErrorCode::kInput,
                  training.pack.string() + ": no clip of the training split has enough face crops");
    if (!training.samples.empty()) std::filesystem::create_directories(training.samples);
  }

  void go() {
    if (training_.resume) {
      const auto progress = trainer_.load();
      minutes_before_ = progress.at("minutes");
      best_ = progress.at("best");
    }
    const RendererValidation validation(
        validation_sampler_.empty() ? train_sampler_ : validation_sampler_,
        training_.validation_count, kValidationSeed);
    describe_start();
    measure_teacher(validation);
    measure_beginning(validation);
    RendererLoader loader(train_sampler_, training_.batch, training_.seed,
                          static_cast<std::uint64_t>(trainer_.steps()), training_.loaders);
    const TrainClock clock(minutes_before_);
    double validated = clock.minutes();
    while (true) {
      minutes_ = clock.minutes();
      const double fraction = training_.budget.fraction(minutes_, trainer_.steps());
      if (fraction >= 1 || stop_requested()) break;
      const double adversarial = adversarial_weight(fraction);
      if (minutes_ - validated >= training_.validate_minutes ||
          (adversarial > 0) != adversary_on_) {
        validate(validation);
        adversary_on_ = adversarial > 0;
        validated = minutes_;
      }
      const double rate = training_.rate * rate_factor(fraction, trainer_.steps(), kWarmupSteps);
      report(trainer_.step(loader.next(), rate, adversarial), clock.minutes(), rate);
    }
    minutes_ = clock.minutes();
    validate(validation);
  }

 private:
  double adversarial_weight(double fraction) const {
    const double since = fraction - training_.adversarial_from;
    return since < 0 ? 0 : training_.adversarial * std::clamp(since / kAdversarialRamp, 0.02, 1.0);
  }

  void describe_start() {
    char text[200];
    std::snprintf(text, sizeof text,
                  "generator of %.2f GFLOP a frame; %zu clips to learn from, %zu to validate; %s",
                  static_cast<double>(trainer_.model().flop(192, 192)) * 1e-9,
                  train_sampler_.clip_count(), validation_sampler_.clip_count(),
                  training_.compute.description.c_str());
    log_.note(text);
    if (validation_sampler_.empty()) log_.note("no validation clips: training clips stand in");
  }

  RendererQuality measured(const RendererValidation& validation) {
    return validation.measure(trainer_.model(), trainer_.type(), trainer_.perceptual());
  }

  void measure_teacher(const RendererValidation& validation) {
    const Teacher& teacher = trainer_.teacher();
    if (!teacher.model) return;
    const RendererQuality quality = validation.measure(
        *teacher.model,
        teacher.precision == Precision::kBfloat16 ? torch::kBFloat16 : torch::kFloat,
        trainer_.perceptual());
    log_.line("teacher", static_cast<long>(trainer_.steps()), minutes_before_, values_of(quality));
    teacher_facts_ = {{"sha256", TensorFile::open(training_.teacher).sha256()},
                      {"weight", training_.teacher_weight},
                      {"validation", to_json(quality)}};
  }

  void measure_beginning(const RendererValidation& validation) {
    if (training_.from.empty()) return;
    began_with_ = {{"sha256", TensorFile::open(training_.from).sha256()}};
    if (training_.resume) return;
    log_.line("from", static_cast<long>(trainer_.steps()), minutes_before_,
              values_of(measured(validation)));
  }

  void report(const StepLosses& step, double minutes, double rate) {
    sum_.total += step.total;
    sum_.l1 += step.l1;
    sum_.adversarial += step.adversarial;
    sum_.judge += step.judge;
    sum_.taught += step.taught;
    sum_.perceptual += step.perceptual;
    sum_.norm += step.norm;
    if (++summed_ < kReportSteps) return;
    const double n = static_cast<double>(summed_);
    const double seconds = std::max(1e-9, (minutes - reported_minutes_) * 60);
    log_.line("train", static_cast<long>(trainer_.steps()), minutes,
              {{"loss", sum_.total / n},
               {"l1", sum_.l1 / n},
               {"adversarial", sum_.adversarial / n},
               {"judge", sum_.judge / n},
               {"taught", sum_.taught / n},
               {"perceptual", sum_.perceptual / n},
               {"gradient", sum_.norm / n},
               {"rate", rate},
               {"images_per_s", n * static_cast<double>(training_.batch) / seconds}});
    sum_ = {};
    summed_ = 0;
    reported_minutes_ = minutes;
  }

  /// Measures the running mean, saves it if it is to be kept, and a checkpoint in any case.
  void validate(const RendererValidation& validation) {
    trainer_.swap_average();
    const RendererQuality quality = measured(validation);
    log_.line("validation", static_cast<long>(trainer_.steps()), minutes_, values_of(quality));
    if (adversary_on_ || quality.l1 < best_) {
      best_ = std::min(best_, quality.l1);
      save_weights(quality);
    }
    if (!training_.samples.empty()) {
      char name[40];
      std::snprintf(name, sizeof name, "renderer-%07ld.bmp", static_cast<long>(trainer_.steps()));
      const std::filesystem::path sheet = training_.samples / name;
      validation.write_sheet(trainer_.model(), trainer_.type(), kSheetRows, sheet);
      log_.show(sheet);
    }
    trainer_.swap_average();
    trainer_.save({{"minutes", minutes_}, {"best", best_}});
  }

  void save_weights(const RendererQuality& quality) {
    nlohmann::json card = {{"command", training_.command},
                           {"pack_sha256", set_.pack_sha256},
                           {"data", data_facts(set_)},
                           {"steps", trainer_.steps()},
                           {"minutes", minutes_},
                           {"batch", training_.batch},
                           {"window_px", training_.window_px},
                           {"adversarial", adversary_on_},
                           {"torch", torch_version()},
                           {"validation", to_json(quality)}};
    if (!teacher_facts_.is_null()) card["teacher"] = teacher_facts_;
    if (!began_with_.is_null()) card["from"] = began_with_;
    WeightWriter writer;
    writer.add(trainer_.model(), "");
    writer.write(training_.out, to_metadata({kGeneratorName, kGeneratorVersion,
                                             trainer_.model().config().to_json(), card.dump()}));
  }

  const RendererTraining& training_;
  TrainLog& log_;
  CropSet set_;
  RendererSampler train_sampler_, validation_sampler_;
  RendererTrainer trainer_;
  double minutes_before_ = 0, minutes_ = 0, reported_minutes_ = 0;
  double best_ = std::numeric_limits<double>::max();
  bool adversary_on_ = false;
  nlohmann::json teacher_facts_, began_with_;  // null: there is none
  StepLosses sum_;
  std::int64_t summed_ = 0;
};

}  // namespace

void train(const RendererTraining& training, TrainLog& log) {
  use(training.compute);
  Run(training, log).go();
}

}  // namespace visema::training
