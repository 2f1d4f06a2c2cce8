#include "model_files.h"

#include <span>
#include <string_view>

#include "visema/core/error.h"
#include "visema/core/sha256.h"
#include "visema/session/renderer.h"

namespace visema::session {
namespace {

constexpr std::string_view kSpeech = "speech.safetensors";
constexpr std::string_view kSpeechLive = "speech-live.safetensors";
constexpr std::string_view kEncoder = "speech_encoder.safetensors";
constexpr std::string_view kStandard = "renderer.safetensors";
constexpr std::string_view kLight = "renderer-light.safetensors";

bool hears_ahead(const ModelPaths& models) {
  return models.look_ahead != LookAhead::kShort;
}

std::string models_sha256(const ModelPaths& models, ModelUse use) {
  std::string all;
  for (const ModelFile& file : model_files())
    if (needs(use, file, models)) all += sha256_hex_of_file(models.*file.folder / file.name);
  return sha256_hex(std::as_bytes(std::span(all)));
}

}  // namespace

const std::vector<ModelFile>& model_files() {
  static const std::vector<ModelFile> kFiles = {
      {"face_detector.safetensors", &ModelPaths::models, ModelUse::kTrack, "make models"},
      {"face_mesh.safetensors", &ModelPaths::models, ModelUse::kTrack, "make models"},
      {"canonical_face.safetensors", &ModelPaths::models, ModelUse::kTrack, "make models"},
      {kSpeech.data(), &ModelPaths::weights, ModelUse::kRender, "make build"},
      {kSpeechLive.data(), &ModelPaths::weights, ModelUse::kRender, "make build"},
      {kEncoder.data(), &ModelPaths::models, ModelUse::kRender, "make models"},
      {kStandard.data(), &ModelPaths::weights, ModelUse::kRender, "make build"},
      {kLight.data(), &ModelPaths::weights, ModelUse::kRender, "make build"},
      {"selfie.safetensors", &ModelPaths::models, ModelUse::kRender, "make models"},
      {"sync.safetensors", &ModelPaths::weights, ModelUse::kEval, "make build"},
      {"faceres.safetensors", &ModelPaths::models, ModelUse::kPrepare, "make models"},
      {"mobileface.safetensors", &ModelPaths::models, ModelUse::kEval, "make models"},
      {"mobilenet_features.safetensors", &ModelPaths::models, ModelUse::kEval, "make models"},
  };
  return kFiles;
}

std::vector<ModelPaths> with_each_look_ahead(const ModelPaths& models) {
  std::vector<ModelPaths> all;
  for (const LookAhead look_ahead : {LookAhead::kLong, LookAhead::kShort}) {
    all.push_back(models);
    all.back().look_ahead = look_ahead;
  }
  return all;
}

std::filesystem::path speech_weights(const ModelPaths& models) {
  return models.weights / (hears_ahead(models) ? kSpeech : kSpeechLive);
}

std::filesystem::path speech_encoder(const ModelPaths& models) {
  return models.models / kEncoder;
}

const char* generator_name(const ModelPaths& models) {
  return (models.quality == Quality::kLight ? kLight : kStandard).data();
}

bool needs(ModelUse use, const ModelFile& file, const ModelPaths& models) {
  const bool generator = file.name == kStandard || file.name == kLight;
  if (generator && file.name != std::string_view(generator_name(models))) return false;
  if (file.name == kSpeechLive && hears_ahead(models)) return false;
  if ((file.name == kSpeech || file.name == kEncoder) && !hears_ahead(models)) return false;
  if (file.name == kEncoder && use == ModelUse::kPrepare) return true;
  const bool embeds = file.use == ModelUse::kPrepare && use == ModelUse::kEval;
  return file.use == ModelUse::kTrack || file.use == use || embeds;
}

void require_models(const ModelPaths& models, ModelUse use) {
  std::string missing;
  for (const ModelFile& file : model_files()) {
    const auto path = models.*file.folder / file.name;
    std::error_code ignored;
    if (!needs(use, file, models) || std::filesystem::is_regular_file(path, ignored)) continue;
    missing += (missing.empty() ? "" : "\n") + path.string() + ": missing; run `" + file.mend +
               "` in the folder of the source code";
  }
  if (!missing.empty()) throw Error(ErrorCode::kModel, missing);
}

std::string render_models_sha256(const ModelPaths& models) {
  return models_sha256(models, ModelUse::kRender);
}

std::string enroll_models_sha256(const ModelPaths& models) {
  std::string all = models_sha256(models, ModelUse::kTrack);
  for (const ModelPaths& heard : with_each_look_ahead(models))
    all += sha256_hex_of_file(speech_weights(heard));
  return sha256_hex(std::as_bytes(std::span(all)));
}

}  // namespace visema::session
