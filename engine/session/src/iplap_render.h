#pragma once

#include <stop_token>

#include "visema/core/log.h"
#include "visema/session/render.h"

namespace visema::session {

/// As render(), with the networks of options.ip_lap.model. Throws Error(kUsage) for options that
/// these networks cannot follow.
RenderReport render_with_iplap(const RenderOptions& options, const ProgressSink& progress,
                               const LogSink& log, const std::stop_token& stop);

}  // namespace visema::session
