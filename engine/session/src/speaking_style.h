#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "visema/core/log.h"
#include "visema/landmarks/avatar.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/landmarks/speaking_style.h"
#include "visema/session/render.h"

namespace visema::session {

/// How the person of a video speaks, from at most three minutes of its sound. Nothing for a video
/// without sound, with too little speech, or whose face is not the one that speaks. The avatar's
/// frames, rest face and speech references must be there. Throws Error(kModel) for the speech
/// weights, Error(kInterrupted).
std::optional<SpeakingStyle> find_speaking_style(const Avatar& avatar,
                                                 const CanonicalFace& canonical,
                                                 const ModelPaths& models, const LogSink& log,
                                                 const std::stop_token& stop);

/// A style completes the speech weights that it was learned with: of the avatar's the one of
/// `models` stays; where there are only others, none, with a warning that names the avatar.
void keep_style_of_network(Avatar& avatar, const ModelPaths& models, const std::string& name,
                           const LogSink& log);

}  // namespace visema::session
