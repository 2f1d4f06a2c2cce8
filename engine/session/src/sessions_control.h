#pragma once

#include <functional>
#include <string>

#include "live_command.h"
#include "live_host.h"

namespace visema::session {

/// The commands to several live sessions: those of one with its name in the field `session`, and
/// some of its own (docs/control.md). One thread.
class SessionsControl {
 public:
  using LookUp = std::function<LiveOptions(const std::string& name)>;

  /// `look_up`: the options of a session that is to start.
  SessionsControl(LiveHost& host, LookUp look_up, std::function<void()> shut_down);

  /// The reply to a line, without its end.
  std::string answer(const std::string& line);

 private:
  void perform(CommandJson command, CommandJson& reply);
  void list(CommandJson& reply) const;

  LiveHost& host_;
  const LookUp look_up_;
  const std::function<void()> shut_down_;
};

}  // namespace visema::session
