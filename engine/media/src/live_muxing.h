#pragma once

#include <filesystem>

#include "interrupt.h"
#include "live_target.h"
#include "muxer.h"
#include "visema/media/live_output.h"

namespace visema::media {

/// Muxer, address and options for a live target; `path` is where a file grows.
MuxerTarget live_muxing(const LiveTarget& target, const LiveOutputOptions& options,
                        const std::filesystem::path& path, Interrupt& interrupt);

}  // namespace visema::media
