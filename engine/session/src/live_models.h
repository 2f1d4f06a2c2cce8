#pragma once

#include "visema/core/log.h"
#include "visema/session/live.h"

namespace visema::session {

/// The networks of a live run. Where it has to keep pace, the look-ahead is short, and on one
/// thread the light generator paints, if no quality was named and it is there.
ModelPaths live_models(ModelPaths models, const ComputeOptions& compute, LivePace pace,
                       const LogSink& log);

}  // namespace visema::session
