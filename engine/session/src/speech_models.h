#pragma once

#include <memory>

#include "visema/models/compute.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/speech_network.h"
#include "visema/session/render.h"

namespace visema::session {

/// What turns sound into lips.
struct SpeechModels {
  std::shared_ptr<const SpeechNetwork> network;
  std::shared_ptr<const SpeechEncoder> encoder;  // null: the network hears the log-mel alone

  /// Those of the look-ahead of `models`; the encoder is loaded when the network hears it. Throws
  /// Error(kModel).
  static SpeechModels load(const ModelPaths& models, const Compute& compute);
};

}  // namespace visema::session
