#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "prefetch.h"
#include "training_setup_torch.h"

namespace visema::training {

using LogValues = std::vector<std::pair<std::string, double>>;

/// What a training does in its loop.
template <typename Samples>
struct TrainingSteps {
  std::function<std::int64_t()> steps;  // done so far
  /// One step; `fraction` of the budget is used up. What to log of it.
  std::function<LogValues(Samples samples, double fraction)> learn;
  std::function<void(const TrainClock&)> measure;  // validates and saves
};

/// Steps until the budget is used up or the user stops it, a line of the log every quarter of a
/// minute, a validation every --validate minutes and at the end. `batch`: samples in a step.
template <typename Sampler>
void train_steps(TrainingSetup& setup, const Sampler& sampler, std::int64_t batch,
                 const TrainClock& clock,
                 const TrainingSteps<typename Prefetch<Sampler>::Samples>& training) {
  constexpr double kLogMinutes = 0.25;
  constexpr std::int64_t kLoggedAtFirst = 5;
  Prefetch<Sampler> batches(sampler, training.steps(), batch, setup.ahead());
  double validated = clock.minutes(), logged = validated;
  struct Line {
    std::int64_t step = 0;
    double minutes = 0;
    LogValues values;
  } last;
  const auto write_last = [&] {
    if (!last.values.empty()) setup.log.line("train", last.step, last.minutes, last.values);
    last.values.clear();
  };
  while (!stop_requested()) {
    const std::int64_t step = training.steps();
    const double fraction = setup.budget.fraction(clock.minutes(), step);
    if (fraction >= 1) break;
    LogValues values = training.learn(batches.take(), fraction);
    if (training.steps() == step) setup.count_refused();
    last = {step, clock.minutes(), std::move(values)};
    if (step < kLoggedAtFirst || last.minutes - logged > kLogMinutes) {
      logged = last.minutes;
      write_last();
    }
    if (clock.minutes() - validated >= setup.validate_minutes) {
      training.measure(clock);
      validated = clock.minutes();
    }
  }
  write_last();
  training.measure(clock);
}

}  // namespace visema::training
