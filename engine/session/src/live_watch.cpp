#include "live_watch.h"

#include <condition_variable>
#include <mutex>

#include "visema/pipeline/thread_name.h"

namespace visema::session {
namespace {

using State = LiveOutputStatistics::State;

std::string text_of(const LiveOutputStatistics& statistics) {
  const std::string why = statistics.last_error.empty() ? "" : ": " + statistics.last_error;
  switch (statistics.state) {
    case State::kLive:
      return "live";
    case State::kConnecting:
      return "connecting" + why;
    case State::kLost:
      return "lost, it is tried again" + why;
    case State::kEnded:
      return "ended" + why;
  }
  return {};
}

}  // namespace

LiveWatch::LiveWatch(std::function<LiveReport()> report, LiveStatusSink status, LogSink log)
    : report_(std::move(report)), status_(std::move(status)), log_(std::move(log)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void LiveWatch::watch(const std::stop_token& stop) {
  name_this_thread("watch");
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    stopped.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    const LiveReport report = report_();
    if (log_) log_changes(report);
    if (status_ && !stop.stop_requested()) status_(report);
  }
}

void LiveWatch::log_changes(const LiveReport& report) {
  for (const auto& output : report.outputs) {
    const State state = output.statistics.state;
    const auto [known, is_new] = states_.try_emplace(output.target, State::kConnecting);
    if (known->second == state) continue;
    known->second = state;
    const bool failed =
        state == State::kLost || (state == State::kEnded && !output.statistics.last_error.empty());
    log_(failed ? LogLevel::kWarning : LogLevel::kInfo,
         output.target + ": " + text_of(output.statistics));
  }
  if (report.input_problem != input_problem_ && !report.input_problem.empty())
    log_(LogLevel::kWarning, report.input_problem);
  input_problem_ = report.input_problem;
}

}  // namespace visema::session
