#pragma once

#include <functional>
#include <map>
#include <thread>

#include "visema/core/log.h"
#include "visema/session/live.h"

namespace visema::session {

/// Once a second, in a thread of its own: passes the report on, and logs what became of the outputs
/// and the input. Ends with its scope.
class LiveWatch {
 public:
  LiveWatch(std::function<LiveReport()> report, LiveStatusSink status, LogSink log);

 private:
  void watch(const std::stop_token& stop);
  void log_changes(const LiveReport& report);

  const std::function<LiveReport()> report_;
  const LiveStatusSink status_;
  const LogSink log_;
  std::map<std::string, std::string> states_;  // of the outputs, in words
  std::string input_problem_;
  std::string priority_;
  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace visema::session
