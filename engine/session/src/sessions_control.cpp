#include "sessions_control.h"

#include <string_view>
#include <vector>

#include "live_control.h"
#include "memory_use.h"
#include "sessions_report.h"

namespace visema::session {
namespace {

std::vector<std::string_view> commands() {
  std::vector<std::string_view> names(LiveControl::kCommands.begin(), LiveControl::kCommands.end());
  names.insert(names.end(), {"sessions", "start"});
  return names;
}

}  // namespace

SessionsControl::SessionsControl(LiveHost& host, LookUp look_up, std::function<void()> shut_down)
    : host_(host), look_up_(std::move(look_up)), shut_down_(std::move(shut_down)) {}

std::string SessionsControl::answer(const std::string& line) {
  return answer_command(
      line, [this](const CommandJson& command, CommandJson& reply) { perform(command, reply); });
}

void SessionsControl::perform(CommandJson command, CommandJson& reply) {
  const std::string name = command_name(command, commands());
  const bool all = name == "sessions" || (name == "shutdown" && !command.contains("session"));
  if (all) {
    allow_only(command, {});
    if (name == "sessions")
      list(reply);
    else
      shut_down_();
    return;
  }
  const std::string session = command_text(command, "session");
  command.erase("session");
  if (name == "start") {
    allow_only(command, {});
    host_.start(session, look_up_(session));
  } else if (name == "shutdown") {
    allow_only(command, {});
    host_.stop(session);
  } else {
    const auto run = host_.running(session);
    LiveControl(
        run->session(), [&run] { return run->report(); }, [] {})
        .perform(command, reply);
  }
}

void SessionsControl::list(CommandJson& reply) const {
  reply["sessions"] = CommandJson::object();
  for (const LiveSessionState& one : host_.report().sessions)
    reply["sessions"][one.name] = {{"state", name_of(one.state)},
                                   {"error", one.error},
                                   {"frames", one.report.frames},
                                   {"seconds", one.report.seconds}};
  reply["rss_bytes"] = rss_bytes();
}

}  // namespace visema::session
