#include "live_watch.h"

#include <condition_variable>
#include <mutex>

#include "live_report.h"
#include "visema/pipeline/thread_name.h"

namespace visema::session {
namespace {

using State = LiveOutputStatistics::State;

constexpr const char* kLive = "live";

std::string text_of(State state) {
  switch (state) {
    case State::kLive:
      return kLive;
    case State::kConnecting:
      return "not connected yet, it is tried again";
    case State::kLost:
      return "lost, it is tried again";
    case State::kEnded:
      return "ended";
  }
  return {};
}

std::string priority_of(const LiveReport& report) {
  if (report.sound_priority.empty()) return {};
  std::string text = "priority: sound " + report.sound_priority;
  if (!report.picture_priority.empty()) text += ", pictures " + report.picture_priority;
  if (!report.priority_refusal.empty()) text += " (" + report.priority_refusal + ")";
  return text;
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
    const LiveReport report = without_secrets(report_());
    if (log_) log_changes(report);
    if (status_ && !stop.stop_requested()) status_(report);
  }
}

void LiveWatch::log_changes(const LiveReport& report) {
  for (const auto& output : report.outputs) {
    std::string& known = states_[output.target];
    const State state = output.statistics.state;
    // An error stays known after the connection was made anew.
    const bool fine = output.statistics.last_error.empty() || state == State::kLive ||
                      (state == State::kEnded && (known == kLive || known == text_of(state)));
    const std::string text = text_of(state) + (fine ? "" : ": " + output.statistics.last_error);
    if (known == text || (state == State::kConnecting && fine)) continue;
    known = text;
    log_(fine ? LogLevel::kInfo : LogLevel::kWarning, output.target + ": " + text);
  }
  if (report.input_problem != input_problem_ && !report.input_problem.empty())
    log_(LogLevel::kWarning, report.input_problem);
  input_problem_ = report.input_problem;
  const std::string priority = priority_of(report);
  if (priority != priority_ && !priority.empty()) log_(LogLevel::kInfo, priority);
  priority_ = priority;
}

}  // namespace visema::session
