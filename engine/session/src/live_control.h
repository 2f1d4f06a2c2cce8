#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "live_command.h"
#include "live_session.h"
#include "visema/session/live.h"

namespace visema::session {

/// The commands of a live run: one JSON object a line, one reply a line (docs/control.md). One
/// thread.
class LiveControl {
 public:
  static constexpr std::array<std::string_view, 8> kCommands{
      "say", "stop", "pause", "resume", "expression", "look", "stats", "shutdown"};

  LiveControl(LiveSession& session, std::function<LiveReport()> report,
              std::function<void()> shut_down);

  /// The reply to a line, without its end.
  std::string answer(const std::string& line);
  /// Does one command and adds to its reply. Throws Error(kUsage, kInput).
  void perform(const CommandJson& command, CommandJson& reply);

 private:
  LiveSession& session_;
  const std::function<LiveReport()> report_;
  const std::function<void()> shut_down_;
};

}  // namespace visema::session
