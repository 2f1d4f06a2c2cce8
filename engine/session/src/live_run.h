#pragma once

#include <memory>
#include <stop_token>

#include "live_outputs.h"
#include "live_session.h"
#include "presenter.h"
#include "stopwatch.h"
#include "visema/core/log.h"
#include "visema/session/live.h"

namespace visema::session {

/// A live session with all that belongs to it: its input, its face, its outputs. Any number of them
/// share networks.
class LiveRun {
 public:
  /// Opens the input, tracks the source where there is no avatar, and begins to connect. The stop
  /// ends these and run(). Throws Error. The networks must outlive it.
  LiveRun(const PresenterNetworks& networks, LiveOptions options, const ProgressSink& progress,
          const LogSink& log, std::stop_token stop);
  LiveRun(const LiveRun&) = delete;
  LiveRun& operator=(const LiveRun&) = delete;

  /// Until its end, outputs included. Once. Throws Error.
  void run();
  /// What commands act on. Any thread.
  LiveSession& session() { return session_; }
  /// Any thread.
  LiveReport report() const;

 private:
  void show(const LiveFrame& frame);

  const LiveOptions options_;
  const std::stop_token stop_;
  const std::unique_ptr<SoundInput> input_;
  const LiveSessionOptions session_options_;
  Presenter presenter_;
  LiveOutputs outputs_;
  LiveSession session_;
  const Stopwatch watch_;
};

}  // namespace visema::session
