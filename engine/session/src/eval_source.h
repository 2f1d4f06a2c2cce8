#pragma once

#include <vector>

#include "eval_meter.h"
#include "eval_subject.h"
#include "visema/evaluation/face_texture.h"

namespace visema::session {

struct EvalNetworks;

/// The face that a video should keep: of a picture, or of a few frames from the beginning of a
/// video.
struct SourceFace {
  std::vector<std::vector<float>> embeddings, second_embeddings;
  TextureMeter::Result texture;
  ObservedFrame first;

  /// Throws Error(kInput) when the source shows no face.
  SourceFace(const SubjectOptions& options, const EvalNetworks& networks);
};

}  // namespace visema::session
