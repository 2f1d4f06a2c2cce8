#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "visema/audio/sound_input.h"

namespace visema::session {

/// The input of a live run by its text (docs/live.md); null for "queue". `rate_hz` 0 keeps the
/// input's own; a stop ends waiting for a file or URL. Throws Error(kUsage, kInput).
std::unique_ptr<SoundInput> open_live_input(const std::string& text, int rate_hz,
                                            std::stop_token stop = {});

}  // namespace visema::session
