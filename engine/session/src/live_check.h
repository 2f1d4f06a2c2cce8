#pragma once

#include <string>
#include <vector>

#include "visema/session/live.h"

namespace visema::session {

/// What is wrong with the options of a session, and with the addresses of its process.
std::vector<std::string> session_problems(const LiveOptions& options);
std::vector<std::string> address_problems(const std::string& control, const std::string& metrics);

/// Throws one Error(kUsage) with all of them, a line each; nothing for none.
void refuse(const std::vector<std::string>& problems);

}  // namespace visema::session
