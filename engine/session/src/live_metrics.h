#pragma once

#include <string>

#include "visema/session/live.h"

namespace visema::session {

/// The report in the text format of Prometheus, version 0.0.4.
std::string prometheus_text(const LiveReport& report);

/// What an HTTP client gets for its request: the text for GET of / or /metrics.
std::string http_answer(const std::string& request, const std::string& text);

}  // namespace visema::session
