#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "flat_adamw_torch.h"
#include "visema/models/weight_card.h"

namespace visema::training {

/// An optimizer of a training and what its tensors are called in the checkpoint: "" for the
/// network that is trained, "expert." for one beside it.
struct Trained {
  std::string prefix;
  FlatAdamW& optimizer;
};

/// Everything that a training needs to go on, as a tensor file. `network`, the numbers of
/// `progress` ("minutes", "best") and tensors of other state are kept beside it. Throws
/// Error(kOutput).
void save_checkpoint(const std::filesystem::path& path, const std::string& network,
                     const std::vector<Trained>& trained,
                     const std::map<std::string, double>& progress,
                     const std::map<std::string, torch::Tensor>& state = {});

/// Fills the optimizers and, in place, the tensors of `state`, and returns the progress. Throws
/// Error(kModel) for a checkpoint of another network or size.
std::map<std::string, double> load_checkpoint(
    const std::filesystem::path& path, const std::string& network,
    const std::vector<Trained>& trained, const std::map<std::string, torch::Tensor>& state = {});

/// Fills the module with the weights of a finished training, to go on from with a new optimizer and
/// schedule, and returns their card as JSON. Throws Error(kModel) when the file is of another
/// network, version or configuration.
nlohmann::ordered_json begin_with(torch::nn::Module& module, const std::filesystem::path& path,
                                  const WeightCard& wanted);

}  // namespace visema::training
