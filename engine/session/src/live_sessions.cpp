#include "visema/session/live_sessions.h"

#include <algorithm>
#include <atomic>
#include <set>

#include "live_check.h"
#include "live_host.h"
#include "live_metrics.h"
#include "live_models.h"
#include "live_servers.h"
#include "memory_use.h"
#include "sessions_control.h"

namespace visema::session {
namespace {

using namespace std::chrono_literals;

/// What belongs to the process, for one of its sessions.
LiveOptions in_process(LiveOptions session, const LiveSessionsOptions& process) {
  session.models = process.models;
  session.compute = process.compute;
  session.control = process.control;
  session.metrics = process.metrics;
  return session;
}

/// Of a session, with its name.
std::vector<std::string> problems_of(const NamedLive& session) {
  std::vector<std::string> problems = session_problems(session.options);
  for (std::string& problem : problems) problem.insert(0, session.name + ": ");
  return problems;
}

void check(const LiveSessionsOptions& options) {
  std::vector<std::string> problems = address_problems(options.control, options.metrics);
  if (options.sessions.empty()) problems.emplace_back("live needs a session");
  std::set<std::string> names;
  for (const NamedLive& session : options.sessions) {
    if (session.name.empty()) problems.emplace_back("a session needs a name");
    if (!names.insert(session.name).second)
      problems.push_back(session.name + ": two sessions have this name");
    for (std::string& problem : problems_of({session.name, in_process(session.options, options)}))
      problems.push_back(std::move(problem));
  }
  refuse(problems);
}

/// Off where one of them wants the very frames of `render`.
LivePace pace_of(const LiveSessionsOptions& options) {
  for (const NamedLive& session : options.sessions)
    if (session.options.pace == LivePace::kOff) return LivePace::kOff;
  return LivePace::kRealTime;
}

/// The look-ahead is long only where no session keeps pace and none can come that does.
ModelPaths models_of(const LiveSessionsOptions& options, const LogSink& log) {
  ModelPaths models = live_models(options.models, options.compute, pace_of(options), log);
  const auto waits = [](const NamedLive& session) {
    return session.options.pace == LivePace::kOff;
  };
  if (!options.control.empty() ||
      !std::all_of(options.sessions.begin(), options.sessions.end(), waits))
    models.look_ahead = LookAhead::kShort;
  return models;
}

/// Until all have ended and nobody can start another, or it is to end. Status once a second.
void watch(const LiveHost& host, bool controlled, const std::atomic<bool>& over,
           const std::stop_token& stop, const std::function<void()>& status) {
  constexpr auto kStep = 50ms;
  constexpr auto kStatus = 1s;
  auto next = std::chrono::steady_clock::now() + kStatus;
  while (!over && !stop.stop_requested()) {
    if (host.wait_ended(kStep)) {
      if (!controlled) return;
      std::this_thread::sleep_for(kStep);
    }
    if (std::chrono::steady_clock::now() < next) continue;
    next += kStatus;
    status();
  }
}

}  // namespace

LiveSessionsReport live_sessions(const LiveSessionsOptions& options, const LogSink& log,
                                 const std::function<void(const LiveSessionsReport&)>& status,
                                 std::stop_token stop) {
  check(options);
  share_heaps();
  const PresenterNetworks networks(models_of(options, log), options.compute, SpeechThreads::kOne);
  const Stopwatch stopwatch;
  LiveHost host(networks, log);
  const auto report_now = [&] {
    LiveSessionsReport report = host.report();
    report.wall_seconds = stopwatch.seconds();
    report.rss_bytes = rss_bytes();
    report.peak_rss_bytes = peak_rss_bytes();
    return report;
  };
  const auto look_up = [&](const std::string& name) {
    if (!options.look_up) return host.options_of(name);
    LiveOptions found = in_process(options.look_up(name), options);
    refuse(problems_of({name, found}));
    return found;
  };
  std::atomic<bool> over{false};
  SessionsControl control(host, look_up, [&] { over = true; });
  {
    LiveServers servers(
        {options.control, options.metrics},
        [&](const std::string& line) { return control.answer(line); },
        [&] { return prometheus_text(report_now()); });
    for (const NamedLive& session : options.sessions)
      host.start(session.name, in_process(session.options, options));
    servers.start();  // whoever asks knows all of them
    watch(host, !options.control.empty(), over, stop, [&] {
      if (status) status(report_now());
    });
    host.stop_all();
    while (!host.wait_ended(1s)) {
    }
  }
  LiveSessionsReport report = report_now();
  report.interrupted = stop.stop_requested();
  return report;
}

}  // namespace visema::session
