#pragma once

#include <string>

#include "visema/session/live_sessions.h"

namespace visema::session {

/// The report in the text format of Prometheus, version 0.0.4.
std::string prometheus_text(const LiveReport& report);
/// The same of several sessions, each figure with the name of its session as a label.
std::string prometheus_text(const LiveSessionsReport& report);

/// What an HTTP client gets for its request: the text for GET of / or /metrics.
std::string http_answer(const std::string& request, const std::string& text);

}  // namespace visema::session
