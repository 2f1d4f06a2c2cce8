#pragma once

#include <stop_token>

#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/session/render.h"

namespace visema::session {

/// Throws Error(kUsage) where a source can never be adapted to: a picture shows one mouth only.
void check_adaptable(const EnrollOptions& options);

/// Lets the generator of `options.models` learn the avatar's face from the frames of its source,
/// and puts it into the avatar where it got better. Throws Error(kInput) for too little of a
/// talking face, Error(kInterrupted) on a stop request; then the avatar is as before.
AdaptReport adapt_avatar(Avatar& avatar, const EnrollOptions& options, const ProgressSink& progress,
                         const std::stop_token& stop);

}  // namespace visema::session
