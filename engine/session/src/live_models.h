#pragma once

#include "visema/core/log.h"
#include "visema/session/live.h"

namespace visema::session {

/// The networks of a live run: where one thread has to keep pace and no quality was named, the
/// light generator paints, if it is there.
ModelPaths live_models(ModelPaths models, const ComputeOptions& compute, LivePace pace,
                       const LogSink& log);

}  // namespace visema::session
