#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "visema/session/live.h"

namespace visema::session {

/// A live session among others. Its control, metrics, models and compute are those of the process.
struct NamedLive {
  std::string name;
  LiveOptions options;
};

struct LiveSessionsOptions {
  std::vector<NamedLive> sessions;
  ModelPaths models;  // loaded once
  ComputeOptions compute;
  std::string control;  // socket for commands to all of them; empty: none
  std::string metrics;  // HOST:PORT for Prometheus; empty: none
  /// The options of a session that `start` names, as they are now. Throws Error; empty: those that
  /// it was started with.
  std::function<LiveOptions(const std::string& name)> look_up;
};

/// Where one of the sessions stands.
struct LiveSessionState {
  enum class State { kStarting, kLive, kEnded, kFailed };
  std::string name;
  State state = State::kStarting;
  std::string error;  // why it failed
  LiveReport report;
};

struct LiveSessionsReport {
  std::vector<LiveSessionState> sessions;  // by name
  double wall_seconds = 0;
  std::int64_t rss_bytes = 0;
  std::int64_t peak_rss_bytes = 0;
  bool interrupted = false;

  /// Whether none failed.
  bool succeeded() const {
    for (const LiveSessionState& one : sessions)
      if (one.state == LiveSessionState::State::kFailed) return false;
    return true;
  }
};

std::string to_json(const LiveSessionsReport& report);
/// One line for a terminal.
std::string status_line(const LiveSessionsReport& report);

/// Runs all sessions, each as live() would, until all have ended (without a control socket),
/// `shutdown` comes, or a stop is requested (report.interrupted). One that fails or is slow leaves
/// the others alone; one that ends gives its memory back. `status` is called once a second. Throws
/// Error when none can begin: bad options (all of them, a line each), networks, sockets.
LiveSessionsReport live_sessions(const LiveSessionsOptions& options, const LogSink& log = {},
                                 const std::function<void(const LiveSessionsReport&)>& status = {},
                                 std::stop_token stop = {});

}  // namespace visema::session
