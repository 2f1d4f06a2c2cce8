#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "live_fields.h"
#include "visema/session/live_sessions.h"

namespace visema::cli {

/// Everything that the engine finds wrong with the options of a session.
using EngineCheck = std::function<std::vector<std::string>(const session::LiveOptions&)>;

/// A file of live sessions (docs/live.md): keys of the process and defaults, then [sessions.NAME].
/// `defaults` are what the file leaves open. Throws one Error(kUsage) with every problem, a line
/// each, that names the line of the file.
session::LiveSessionsOptions read_sessions(const std::filesystem::path& path,
                                           const LiveSettings& defaults, const EngineCheck& check);

}  // namespace visema::cli
