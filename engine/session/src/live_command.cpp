#include "live_command.h"

#include <algorithm>

#include "visema/core/error.h"

namespace visema::session {
namespace {

constexpr int kMostDepth = 64;  // of objects and lists in one another

/// Copies of what it returns recurse, so that the depth is bounded.
CommandJson parse(const std::string& line) {
  const auto first = line.find_first_not_of(" \r\t");
  if (first == std::string::npos || line[first] != '{')
    refuse_command("a command must be a JSON object on one line; the connection is closed");
  return CommandJson::parse(
      line, [](int depth, CommandJson::parse_event_t event, const CommandJson&) {
        using Event = CommandJson::parse_event_t;
        if ((event == Event::object_start || event == Event::array_start) && depth >= kMostDepth)
          refuse_command("a command is nested too deep: at most " + std::to_string(kMostDepth) +
                         " levels are allowed");
        return true;
      });
}

}  // namespace

void refuse_command(const std::string& text) {
  throw Error(ErrorCode::kUsage, text);
}

std::string command_text(const CommandJson& command, const char* field) {
  const CommandJson value = command.value(field, CommandJson());
  if (!value.is_string()) refuse_command(std::string(field) + ": must be a text");
  return value.get<std::string>();
}

std::string command_name(const CommandJson& command, std::span<const std::string_view> allowed) {
  std::string name = command_text(command, "command");
  if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) return name;
  std::string names;
  for (const std::string_view one : allowed)
    names += (names.empty() ? "" : ", ") + std::string(one);
  refuse_command("command \"" + name + "\": must be one of " + names);
}

void allow_only(const CommandJson& command, std::initializer_list<const char*> fields) {
  for (const auto& item : command.items()) {
    bool known = item.key() == "command" || item.key() == "id";
    std::string allowed = "command, id";
    for (const char* field : fields) {
      known = known || item.key() == field;
      allowed += std::string(", ") + field;
    }
    if (!known) refuse_command("\"" + item.key() + "\": no such field; allowed are " + allowed);
  }
}

std::string answer_command(
    const std::string& line,
    const std::function<void(const CommandJson& command, CommandJson& reply)>& perform) {
  CommandJson reply;
  try {
    const CommandJson command = parse(line);
    if (command.contains("id")) reply["id"] = command["id"];
    reply["ok"] = true;
    perform(command, reply);
  } catch (const CommandJson::exception& error) {
    reply["ok"] = false;
    reply["error"] = std::string("no JSON: ") + error.what();
  } catch (const std::exception& error) {
    reply["ok"] = false;
    reply["error"] = describe(error);
  }
  return reply.dump(-1, ' ', false, CommandJson::error_handler_t::replace);
}

}  // namespace visema::session
