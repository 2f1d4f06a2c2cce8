#include "live_host.h"

#include <algorithm>
#include <vector>

#include "live_report.h"
#include "live_watch.h"
#include "memory_use.h"
#include "visema/core/error.h"
#include "visema/pipeline/thread_name.h"

namespace visema::session {

LiveHost::LiveHost(const PresenterNetworks& networks, LogSink log)
    : networks_(networks), log_(std::move(log)) {}

LiveHost::~LiveHost() {
  stop_all();
  for (auto& [name, hosted] : hosted_) hosted->thread.join();
}

void LiveHost::start(const std::string& name, LiveOptions options) {
  const std::lock_guard lock(mutex_);
  if (closing_) throw Error(ErrorCode::kUsage, "session \"" + name + "\": the process is ending");
  const auto before = hosted_.find(name);
  if (before != hosted_.end()) {
    if (before->second->active())
      throw Error(ErrorCode::kUsage, "session \"" + name + "\": runs already");
    before->second->thread.join();
    hosted_.erase(before);
  }
  auto hosted = std::make_unique<Hosted>();
  hosted->name = name;
  hosted->options = std::move(options);
  // In the map before its thread, out of it again where there can be no thread.
  Hosted& one = *hosted_.emplace(name, std::move(hosted)).first->second;
  try {
    one.thread = std::thread([this, &one] { run(one); });
  } catch (...) {
    hosted_.erase(name);
    throw;
  }
}

void LiveHost::stop(const std::string& name) {
  const std::lock_guard lock(mutex_);
  find(name).stop.request_stop();
}

void LiveHost::stop_all() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  for (auto& [name, hosted] : hosted_) hosted->stop.request_stop();
}

std::shared_ptr<LiveRun> LiveHost::running(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  auto run = find(name).run;
  if (!run) throw Error(ErrorCode::kUsage, "session \"" + name + "\": is not live");
  return run;
}

LiveOptions LiveHost::options_of(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return find(name).options;
}

LiveHost::Hosted& LiveHost::find(const std::string& name) const {
  const auto found = hosted_.find(name);
  if (found != hosted_.end()) return *found->second;
  std::string names;
  for (const auto& [known, hosted] : hosted_) names += (names.empty() ? "" : ", ") + known;
  throw Error(ErrorCode::kUsage, "session \"" + name + "\": must be one of " + names);
}

bool LiveHost::wait_ended(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, patience, [this] {
    return std::none_of(hosted_.begin(), hosted_.end(),
                        [](const auto& entry) { return entry.second->active(); });
  });
}

LiveSessionsReport LiveHost::report() const {
  LiveSessionsReport report;
  std::vector<std::shared_ptr<LiveRun>> runs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, hosted] : hosted_) {
      report.sessions.push_back({name, hosted->state, hosted->error, hosted->last});
      runs.push_back(hosted->run);
    }
  }
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (runs[i]) report.sessions[i].report = runs[i]->report();
  return report;
}

void LiveHost::run(Hosted& hosted) {
  name_this_thread("hear");
  LogSink log;
  if (log_)
    log = [this, &hosted](LogLevel level, std::string_view text) {
      log_(level, hosted.name + ": " + std::string(text));
    };
  std::shared_ptr<LiveRun> run;
  std::string error;
  try {
    run = begin(hosted, log);
    const LiveWatch watching([&run] { return run->report(); }, {}, log);
    run->run();
  } catch (const std::exception& problem) {
    const bool stopped =
        code_of(problem) == ErrorCode::kInterrupted && hosted.stop.stop_requested();
    if (!stopped) error = without_secrets(describe(problem), hosted.options.outputs);
  }
  end(hosted, std::move(run), error, log);
}

std::shared_ptr<LiveRun> LiveHost::begin(Hosted& hosted, const LogSink& log) {
  auto run = std::make_shared<LiveRun>(networks_, hosted.options, ProgressSink{}, log,
                                       hosted.stop.get_token());
  const std::lock_guard lock(mutex_);
  hosted.run = run;
  hosted.state = State::kLive;
  return run;
}

/// Its memory is back before it counts as ended.
void LiveHost::end(Hosted& hosted, std::shared_ptr<LiveRun> run, const std::string& error,
                   const LogSink& log) {
  if (run) {
    LiveReport last = run->report();
    const std::lock_guard lock(mutex_);
    hosted.last = std::move(last);
    hosted.run.reset();
  }
  run.reset();
  give_memory_back();
  if (log) {
    if (error.empty())
      log(LogLevel::kInfo, "ended");
    else
      log(LogLevel::kWarning, "failed: " + error);
  }
  const std::lock_guard lock(mutex_);
  hosted.error = error;
  hosted.state = error.empty() ? State::kEnded : State::kFailed;
  ended_.notify_all();
}

}  // namespace visema::session
