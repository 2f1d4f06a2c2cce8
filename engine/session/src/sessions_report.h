#pragma once

#include "visema/session/live_sessions.h"

namespace visema::session {

/// "starting", "live", "ended", "failed"
const char* name_of(LiveSessionState::State state);

}  // namespace visema::session
