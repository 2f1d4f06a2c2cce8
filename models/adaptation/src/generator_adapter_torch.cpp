#include <algorithm>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "generator_trainer_torch.h"
#include "random.h"
#include "renderer_quality_torch.h"
#include "schedule.h"
#include "tensor_file_bytes.h"
#include "visema/adaptation/generator_adapter.h"
#include "visema/core/error.h"
#include "visema/models/weight_card.h"
#include "visema/renderer/generator_input.h"

namespace visema {
namespace {

using training::RendererBatch;
using training::RendererExample;

constexpr std::size_t kBatch = 4;
constexpr double kRate = 2e-4;
constexpr double kAdversarial = 0.02;
constexpr double kJudgeRateShare = 1;
/// The rates and the weight of the judge, which begins knowing nothing, rise over these steps.
constexpr std::int64_t kWarmupSteps = 20;
constexpr int kMostRefused = 20;  // steps in a row whose gradients are not finite
constexpr int kChecks = 4;        // of the running mean, evenly spread

/// Training in bfloat16 was not tried on one person's few pictures.
Compute in_float(Compute compute) {
  compute.precision = Precision::kFloat;
  return compute;
}

training::GeneratorTrainerOptions trainer_options(const Compute& compute, std::uint64_t seed) {
  training::GeneratorTrainerOptions options;
  options.judge_rate_share = kJudgeRateShare;
  options.seed = seed;
  options.compute = compute;
  return options;
}

double judge_weight(std::int64_t step) {
  return kAdversarial *
         std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(kWarmupSteps));
}

AdaptationFigures figures_of(const training::RendererQuality& quality) {
  return {quality.l1, quality.mouth_l1, quality.psnr_db, quality.sharpness};
}

nlohmann::json to_json(const AdaptationFigures& figures) {
  return {{"l1", figures.l1},
          {"mouth_l1", figures.mouth_l1},
          {"psnr_db", figures.psnr_db},
          {"sharpness", figures.sharpness}};
}

/// A weight file as WeightWriter writes it: vectors as F32, all else as F16.
std::vector<std::byte> file_bytes(const GeneratorModel& model, const WeightCard& card) {
  std::vector<std::vector<float>> vectors;
  std::vector<std::vector<std::uint16_t>> kernels;
  std::map<std::string, Tensor> tensors;
  for (const auto& item : model.named_parameters()) {
    const torch::Tensor full = item.value().detach().to(torch::kCPU, torch::kFloat).contiguous();
    const std::span<const float> values(full.data_ptr<float>(),
                                        static_cast<std::size_t>(full.numel()));
    if (full.dim() == 1) {
      vectors.emplace_back(values.begin(), values.end());
      tensors[item.key()] = view_of(std::span<const float>(vectors.back()), full.sizes().vec());
      continue;
    }
    auto& halves = kernels.emplace_back(values.size());
    std::transform(values.begin(), values.end(), halves.begin(), float_to_half);
    tensors[item.key()] = view_of_half(halves, full.sizes().vec());
  }
  return tensor_file_bytes(tensors, to_metadata(card));
}

class Adaptation {
 public:
  Adaptation(const TensorFile& weights, const Compute& compute, const AdaptationExamples& examples,
             const AdaptationOptions& options)
      : base_(weights),
        card_(read_weight_card(weights, kGeneratorName, kGeneratorVersion)),
        compute_(in_float(compute)),
        examples_(examples),
        options_(options) {
    use(compute_);
    torch::manual_seed(static_cast<std::int64_t>(options.seed));
    trainer_.emplace(load_generator(weights, card_), trainer_options(compute_, options.seed));
    for (std::size_t i = 0; i < examples.held_out; ++i) {
      std::vector<float> planes(kGeneratorInputSize), target(3 * kCropPixels);
      examples.judge(i, planes, target);
      held_out_.push_back(training::example_of(planes, target));
    }
    result_.before = result_.after = measured();
  }

  AdaptationResult run(const AdaptationProgress& progress) {
    const training::TrainClock clock(0);
    const training::Budget budget{options_.minutes, options_.steps};
    int checks = 0;
    std::int64_t attempts = 0;  // with the steps that were refused, so that any budget ends
    auto next = prepare(0);
    for (double share = 0; share < 1;) {
      const RendererBatch batch = next.get();
      next = prepare(static_cast<std::uint64_t>(++attempts));
      step(batch, share);
      result_.minutes = clock.minutes();
      share = budget.fraction(result_.minutes, attempts);
      if (share >= 1 || share * kChecks >= checks + 1) {
        check();
        ++checks;
      }
      if (progress && !progress(std::min(share, 1.0)))
        throw Error(ErrorCode::kInterrupted, "interrupted while the generator was adapted");
    }
    result_.steps = trainer_->steps();
    return std::move(result_);
  }

 private:
  /// Batch `number`, made beside the step before it where there are threads for that.
  std::future<RendererBatch> prepare(std::uint64_t number) const {
    const auto policy = compute_.threads > 1 ? std::launch::async : std::launch::deferred;
    return std::async(policy, [this, number] {
      training::Random random(options_.seed, number);
      RendererBatch batch;
      batch.count = kBatch;
      batch.planes.resize(kBatch * kGeneratorInputSize);
      batch.target.resize(kBatch * 3 * kCropPixels);
      for (std::size_t i = 0; i < kBatch; ++i)
        examples_.learn(
            static_cast<std::size_t>(random.below(static_cast<std::int64_t>(examples_.learning))),
            std::span(batch.planes).subspan(i * kGeneratorInputSize, kGeneratorInputSize),
            std::span(batch.target).subspan(i * 3 * kCropPixels, 3 * kCropPixels));
      return batch;
    });
  }

  void step(const RendererBatch& batch, double share) {
    const auto done = trainer_->steps();
    trainer_->step(batch, kRate * training::rate_factor(share, done, kWarmupSteps),
                   judge_weight(done));
    refused_ = trainer_->steps() > done ? 0 : refused_ + 1;
    if (refused_ >= kMostRefused)
      throw Error(ErrorCode::kInternal,
                  "the generator's training did not converge: " + std::to_string(refused_) +
                      " steps in a row had gradients that are not finite");
  }

  AdaptationFigures measured() {
    return figures_of(training::measure(held_out_, trainer_->model(), trainer_->type()));
  }

  /// Keeps the running mean of the weights where it is the best so far.
  void check() {
    trainer_->swap_average();
    const AdaptationFigures figures = measured();
    if (is_better(figures, result_.before) &&
        (result_.weights.empty() ||
         figures.l1 + figures.mouth_l1 < result_.after.l1 + result_.after.mouth_l1)) {
      result_.after = figures;
      result_.weights = file_of(figures);
    } else if (result_.weights.empty()) {
      result_.after = figures;
    }
    trainer_->swap_average();
  }

  std::vector<std::byte> file_of(const AdaptationFigures& figures) {
    const nlohmann::json card = {{"adapted_from", base_.sha256()},    {"steps", trainer_->steps()},
                                 {"held_out", examples_.held_out},    {"seed", options_.seed},
                                 {"before", to_json(result_.before)}, {"after", to_json(figures)},
                                 {"torch", torch_version()}};
    return file_bytes(trainer_->model(), {kGeneratorName, kGeneratorVersion,
                                          trainer_->model().config().to_json(), card.dump()});
  }

  const TensorFile& base_;
  const WeightCard card_;
  const Compute compute_;
  const AdaptationExamples& examples_;
  const AdaptationOptions& options_;
  std::optional<training::GeneratorTrainer> trainer_;
  std::vector<RendererExample> held_out_;
  AdaptationResult result_;
  int refused_ = 0;  // steps in a row
};

}  // namespace

AdaptationResult adapt_generator(const TensorFile& weights, const Compute& compute,
                                 const AdaptationExamples& examples,
                                 const AdaptationOptions& options,
                                 const AdaptationProgress& progress) {
  if (examples.learning == 0 || examples.held_out == 0 ||
      (options.minutes <= 0 && options.steps <= 0))
    throw Error(ErrorCode::kInternal, "adaptation needs examples of both kinds and a budget");
  return Adaptation(weights, compute, examples, options).run(progress);
}

}  // namespace visema
