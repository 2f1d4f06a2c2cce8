#pragma once

#include <filesystem>
#include <stop_token>
#include <vector>

#include "visema/landmarks/avatar.h"
#include "visema/session/render.h"

namespace visema::session {

/// Tracks the source and collects all that rendering needs of it; how its person speaks is compared
/// with the speech network of each of `heard`. Throws Error(kInput) when no
/// frame holds a face of at least 48 px, Error(kInterrupted) on a stop request.
Avatar build_avatar(const EnrollOptions& options, const std::vector<ModelPaths>& heard,
                    const ProgressSink& progress, const LogSink& log, std::stop_token stop);

/// The avatar that was enrolled, or one of the source.
Avatar avatar_of(const PresenterOptions& options, const ProgressSink& progress, const LogSink& log,
                 std::stop_token stop);

}  // namespace visema::session
