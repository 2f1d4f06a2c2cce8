#include "sessions_report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "live_report.h"
#include "visema/core/version.h"

namespace visema::session {

using State = LiveSessionState::State;

const char* name_of(State state) {
  switch (state) {
    case State::kStarting:
      return "starting";
    case State::kLive:
      return "live";
    case State::kEnded:
      return "ended";
    case State::kFailed:
      return "failed";
  }
  return "";
}

std::string to_json(const LiveSessionsReport& report) {
  nlohmann::ordered_json json;
  json["sessions"] = nlohmann::ordered_json::object();
  for (const LiveSessionState& one : report.sessions) {
    nlohmann::ordered_json& entry = json["sessions"][one.name];
    entry = {{"state", name_of(one.state)}, {"error", one.error}};
    entry.update(json_of(one.report));
  }
  json["wall_seconds"] = report.wall_seconds;
  json["rss_bytes"] = report.rss_bytes;
  json["peak_rss_bytes"] = report.peak_rss_bytes;
  json["interrupted"] = report.interrupted;
  json["version"] = kVersion;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string status_line(const LiveSessionsReport& report) {
  std::size_t live = 0;
  std::int64_t frames = 0, repeated = 0, gaps = 0;
  double render_ms = 0, delay_ms = 0;
  const auto most = [](double& figure, const LiveReport& one, const char* stage) {
    const auto found = one.latencies.find(stage);
    if (found != one.latencies.end()) figure = std::max(figure, found->second.p95_ms);
  };
  for (const LiveSessionState& one : report.sessions) {
    live += one.state == State::kLive ? 1 : 0;
    frames += one.report.frames;
    repeated += one.report.repeated;
    gaps += one.report.gaps;
    most(render_ms, one.report, "render");
    most(delay_ms, one.report, "delay");
  }
  char text[200];
  std::snprintf(text, sizeof text,
                "%zu of %zu sessions live, %lld frames, %lld repeated, %lld gaps, render %.0f ms, "
                "delay %.0f ms, %lld MiB",
                live, report.sessions.size(), static_cast<long long>(frames),
                static_cast<long long>(repeated), static_cast<long long>(gaps), render_ms, delay_ms,
                static_cast<long long>(report.rss_bytes >> 20));
  return text;
}

}  // namespace visema::session
