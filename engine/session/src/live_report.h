#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "visema/session/live.h"

namespace visema::session {

/// "connecting", "live", "lost", "ended"
const char* name_of(LiveOutputStatistics::State state);

/// The report as `stats` replies it.
nlohmann::ordered_json json_of(const LiveReport& report);

/// Without the passwords and keys in the targets: no query, no user and password, no stream key;
/// targets that then are the same are numbered.
LiveReport without_secrets(LiveReport report);
/// A text that may name targets, without them either.
std::string without_secrets(std::string text, const std::vector<std::string>& targets);

}  // namespace visema::session
