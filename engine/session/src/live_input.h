#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "visema/audio/sound_input.h"
#include "visema/session/live.h"

namespace visema::session {

/// The input of a live run by its text (docs/live.md); null for "queue". `rate_hz` 0 keeps the
/// input's own; with LivePace::kOff a FIFO ends with its writer; a stop ends waiting for a file or
/// URL. Throws Error(kUsage, kInput).
std::unique_ptr<SoundInput> open_live_input(const std::string& text, int rate_hz, LivePace pace,
                                            std::stop_token stop = {});

}  // namespace visema::session
