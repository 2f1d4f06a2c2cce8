#include "model_files.h"

#include "visema/core/error.h"

namespace visema::session {

const std::vector<ModelFile>& model_files() {
  static const std::vector<ModelFile> kFiles = {
      {"face_detector.safetensors", &ModelPaths::models, ModelUse::kTrack, "make models"},
      {"face_mesh.safetensors", &ModelPaths::models, ModelUse::kTrack, "make models"},
      {"canonical_face.safetensors", &ModelPaths::models, ModelUse::kTrack, "make models"},
      {"speech.safetensors", &ModelPaths::weights, ModelUse::kRender, "make build"},
      {"renderer.safetensors", &ModelPaths::weights, ModelUse::kRender, "make build"},
      {"sync.safetensors", &ModelPaths::weights, ModelUse::kEval, "make build"},
      {"faceres.safetensors", &ModelPaths::models, ModelUse::kPrepare, "make models"},
      {"mobileface.safetensors", &ModelPaths::models, ModelUse::kEval, "make models"},
      {"mobilenet_features.safetensors", &ModelPaths::models, ModelUse::kEval, "make models"},
  };
  return kFiles;
}

bool needs(ModelUse use, const ModelFile& file) {
  const bool embeds = file.use == ModelUse::kPrepare && use == ModelUse::kEval;
  return file.use == ModelUse::kTrack || file.use == use || embeds;
}

void require_models(const ModelPaths& models, ModelUse use) {
  std::string missing;
  for (const ModelFile& file : model_files()) {
    const auto path = models.*file.folder / file.name;
    std::error_code ignored;
    if (!needs(use, file) || std::filesystem::is_regular_file(path, ignored)) continue;
    missing += (missing.empty() ? "" : "\n") + path.string() + ": missing; run `" + file.mend +
               "` in the folder of the source code";
  }
  if (!missing.empty()) throw Error(ErrorCode::kModel, missing);
}

}  // namespace visema::session
