#pragma once

#include <filesystem>

#include "generator_model_torch.h"

namespace visema::training {

/// Gives `model` the weights of a generator of the same depth that is as wide or narrower at every
/// level, so that it paints what that one paints (function-preserving growth, Chen et al. 2016,
/// Net2Net): what is new listens at random and is listened to with weight 0, from which it learns.
/// Throws Error(kModel) that names the file and both shapes where they do not fit.
void grow_from(GeneratorModel& model, const std::filesystem::path& weights);

}  // namespace visema::training
