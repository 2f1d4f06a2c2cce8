#pragma once

#include <filesystem>
#include <vector>

#include "visema/session/doctor.h"
#include "visema/session/render.h"

namespace visema::session {

/// A file that the engine loads by name.
struct ModelFile {
  const char* name;
  std::filesystem::path ModelPaths::*folder;
  ModelUse use;      // the least use that needs it
  const char* mend;  // the command that brings it, in the folder of the source code
};

const std::vector<ModelFile>& model_files();

/// `models` with every look-ahead.
std::vector<ModelPaths> with_each_look_ahead(const ModelPaths& models);
/// Of the speech network with the look-ahead of `models`.
std::filesystem::path speech_weights(const ModelPaths& models);
std::filesystem::path speech_encoder(const ModelPaths& models);
/// Of the generator in `models.weights`.
const char* generator_name(const ModelPaths& models);

/// Tracking is part of everything; preparing and evaluating embed faces too. Of the generators and
/// of the speech networks only the one that `models` wants.
bool needs(ModelUse use, const ModelFile& file, const ModelPaths& models = {});

}  // namespace visema::session
