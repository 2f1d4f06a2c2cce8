#include "speech_models.h"

#include "model_files.h"

namespace visema::session {

SpeechModels SpeechModels::load(const ModelPaths& models, const Compute& compute) {
  SpeechModels speech;
  speech.network = std::make_shared<const SpeechNetwork>(speech_weights(models), compute);
  if (speech.network->encoded_width() > 0)
    speech.encoder = std::make_shared<const SpeechEncoder>(speech_encoder(models));
  return speech;
}

}  // namespace visema::session
