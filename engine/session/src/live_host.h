#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "live_run.h"
#include "visema/core/log.h"
#include "visema/session/live_sessions.h"

namespace visema::session {

/// Live sessions by their names, each in threads of its own, with networks that all share. What
/// happens to one is logged and touches no other. Any thread.
class LiveHost {
 public:
  /// The networks must outlive it.
  LiveHost(const PresenterNetworks& networks, LogSink log);
  /// Ends all.
  ~LiveHost();
  LiveHost(const LiveHost&) = delete;
  LiveHost& operator=(const LiveHost&) = delete;

  /// Returns at once; what goes wrong is found in the report. Throws Error(kUsage) while one of
  /// that name runs, and after stop_all().
  void start(const std::string& name, LiveOptions options);
  /// Ends it as the end of its input would. Throws Error(kUsage) when there is none.
  void stop(const std::string& name);
  /// Ends all, and no other begins.
  void stop_all();
  /// Throws Error(kUsage) when it is not live.
  std::shared_ptr<LiveRun> running(const std::string& name) const;
  /// The options that it was started with. Throws Error(kUsage) when there is none.
  LiveOptions options_of(const std::string& name) const;
  /// Whether all have ended, within `patience`.
  bool wait_ended(std::chrono::milliseconds patience) const;
  /// All of the report but what concerns the process.
  LiveSessionsReport report() const;

 private:
  using State = LiveSessionState::State;
  struct Hosted {
    std::string name;
    LiveOptions options;
    std::stop_source stop;
    State state = State::kStarting;
    std::string error;
    LiveReport last;               // when it has ended
    std::shared_ptr<LiveRun> run;  // while it is live
    std::thread thread;
    bool active() const { return state == State::kStarting || state == State::kLive; }
  };

  Hosted& find(const std::string& name) const;
  void run(Hosted& hosted);
  std::shared_ptr<LiveRun> begin(Hosted& hosted, const LogSink& log);
  void end(Hosted& hosted, std::shared_ptr<LiveRun> run, const std::string& error,
           const LogSink& log);

  const PresenterNetworks& networks_;
  const LogSink log_;
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::map<std::string, std::unique_ptr<Hosted>> hosted_;
  bool closing_ = false;
};

}  // namespace visema::session
