#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "renderer_loss_weights.h"
#include "renderer_sizes.h"
#include "schedule.h"
#include "train_log.h"
#include "visema/models/compute.h"

namespace visema::training {

/// What a training of the generator is asked to do.
struct RendererTraining {
  std::filesystem::path pack;
  std::filesystem::path face;  // canonical face (tensor file), empty: in the pack
  std::filesystem::path out;   // weights; out + ".checkpoint" and ".judge" keep what resuming needs
  std::filesystem::path samples;  // folder of sheets, empty: none
  Budget budget;
  std::int64_t batch = 8;
  double rate = 4e-4;
  double adversarial = 0.02;      // weight, 0: never
  double adversarial_from = 0.4;  // share of the budget
  std::int64_t window_px = 144;   // training sees random windows of the crops
  double validate_minutes = 4;
  int validation_count = 48;
  std::filesystem::path from;     // weights to begin with, empty: random ones
  std::filesystem::path teacher;  // weights of a generator to learn from, empty: none
  double teacher_weight = 1;      // of the difference from its pictures
  RendererLossWeights loss;
  std::filesystem::path perceptual;  // network whose features are compared, empty: none
  int loaders = 1;
  std::uint64_t seed = 1;
  bool resume = false;
  std::string config = renderer_config("standard");
  std::string command;  // for the model card
  Compute compute;
};

/// Trains the generator and writes its weights: the running mean that validated best, or, once the
/// adversary is on, the last one. Throws Error.
void train(const RendererTraining& training, TrainLog& log);

/// Measures a weight file on the held-out persons, as training does it. Throws Error.
void measure(const RendererTraining& training, const std::filesystem::path& weights, TrainLog& log);

}  // namespace visema::training
