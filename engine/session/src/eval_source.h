#pragma once

#include <filesystem>
#include <future>
#include <optional>
#include <stop_token>
#include <vector>

#include "eval_meter.h"
#include "source_tracking.h"
#include "visema/evaluation/face_texture.h"
#include "visema/session/eval.h"

namespace visema::session {

/// The face that a video should keep: of a picture, or of the first frames of a video that show it,
/// at least ten frames apart.
struct SourceFace {
  std::vector<std::vector<float>> embeddings, second_embeddings;
  TextureMeter::Result texture;
  ObservedFrame first;
};

/// Found by who asks first while the others wait; not valid when there is no source.
using SharedSourceFace = std::shared_future<std::optional<SourceFace>>;

/// In options.source, else in the reference. Nothing when a reference shows no face, which the
/// measuring of the reference reports, and after a stop request. Throws Error(kInput) when
/// options.source shows none.
std::optional<SourceFace> find_source_face(const EvalOptions& options, const std::stop_token& stop);

/// How to follow the face of a reference or source: the chosen one, the largest where an index is
/// beyond the faces of the first frame that shows any.
TrackingOptions tracking_beside(const EvalOptions& options, const std::filesystem::path& file,
                                const std::stop_token& stop);

}  // namespace visema::session
