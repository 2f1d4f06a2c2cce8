#pragma once

#include <filesystem>

#include "renderer_training.h"

namespace visema::test {

/// A training pack of drawn faces whose mouths open and close: `clips` to learn from and one to
/// validate, 12 crops each, and canonical_face.safetensors with a few triangles.
void write_generator_pack(const std::filesystem::path& folder, int clips = 3);

/// A small, quick training on it, without limit of time.
training::RendererTraining small_training(const std::filesystem::path& folder, int steps);

}  // namespace visema::test
