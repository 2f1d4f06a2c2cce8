#include "live_control.h"

#include <nlohmann/json.hpp>

#include "live_report.h"
#include "utterance.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCommands = "say, stop, pause, resume, expression, look, stats or shutdown";
constexpr double kMostStrength = 2;
constexpr int kMostDepth = 64;  // of objects and lists in one another

constexpr std::pair<const char*, Expression> kExpressions[] = {
    {"neutral", Expression::kNeutral},
    {"happy", Expression::kHappy},
    {"sad", Expression::kSad},
    {"angry", Expression::kAngry},
    {"surprised", Expression::kSurprised}};

[[noreturn]] void refuse(const std::string& text) {
  throw Error(ErrorCode::kUsage, text);
}

/// Copies of what it returns recurse, so that the depth is bounded.
Json parse(const std::string& line) {
  const auto first = line.find_first_not_of(" \r\t");
  if (first == std::string::npos || line[first] != '{')
    refuse("a command must be a JSON object on one line; the connection is closed");
  return Json::parse(line, [](int depth, Json::parse_event_t event, const Json&) {
    using Event = Json::parse_event_t;
    if ((event == Event::object_start || event == Event::array_start) && depth >= kMostDepth)
      refuse("a command is nested too deep: at most " + std::to_string(kMostDepth) +
             " levels are allowed");
    return true;
  });
}

double number(const Json& command, const char* name, double low, double high, const Json& other) {
  const Json value = command.value(name, other);
  const std::string allowed = std::string(name) + ": must be a number in " +
                              std::to_string(static_cast<int>(low)) + ".." +
                              std::to_string(static_cast<int>(high));
  if (!value.is_number()) refuse(allowed);
  const auto given = value.get<double>();
  if (!(given >= low && given <= high)) refuse(allowed);
  return given;
}

std::string text(const Json& command, const char* name) {
  const Json value = command.value(name, Json());
  if (!value.is_string()) refuse(std::string(name) + ": must be a text");
  return value.get<std::string>();
}

Expression expression(const std::string& name) {
  std::string allowed;
  for (const auto& [word, value] : kExpressions) {
    if (name == word) return value;
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  refuse("name \"" + name + "\": must be one of " + allowed);
}

/// Fields that no command knows are refused, so that a misspelt one is noticed.
void allow_only(const Json& command, std::initializer_list<const char*> names) {
  for (const auto& item : command.items()) {
    bool known = item.key() == "command" || item.key() == "id";
    std::string allowed = "command, id";
    for (const char* name : names) {
      known = known || item.key() == name;
      allowed += std::string(", ") + name;
    }
    if (!known) refuse("\"" + item.key() + "\": no such field; allowed are " + allowed);
  }
}

void say(LiveSession& session, const Json& command, Json& reply) {
  allow_only(command, {"file", "pcm", "format", "rate", "channels"});
  const SoundForm form{session.options().rate_hz, session.options().channels};
  if (command.contains("file") == command.contains("pcm"))
    refuse("say: needs file or pcm, one of the two");
  if (command.contains("file")) {
    session.say(utterance_of_file(text(command, "file"), form));
  } else {
    const SoundForm given{static_cast<int>(number(command, "rate", 4000, 192000, 24000)),
                          static_cast<int>(number(command, "channels", 1, 8, 1))};
    const Json format = command.value("format", Json("s16le"));
    if (!format.is_string()) refuse("format: must be a text");
    auto utterance = utterance_of_pcm(text(command, "pcm"), format.get<std::string>(), given, form);
    reply["seconds"] = static_cast<double>(utterance->available()) / form.rate_hz;
    session.say(std::move(utterance));
  }
}

}  // namespace

LiveControl::LiveControl(LiveSession& session, std::function<LiveReport()> report,
                         std::function<void()> shut_down)
    : session_(session), report_(std::move(report)), shut_down_(std::move(shut_down)) {}

std::string LiveControl::answer(const std::string& line) {
  Json reply;
  try {
    const Json command = parse(line);
    if (command.contains("id")) reply["id"] = command["id"];
    reply["ok"] = true;
    const std::string name = text(command, "command");
    if (name == "say") {
      say(session_, command, reply);
    } else if (name == "stop") {
      allow_only(command, {});
      session_.interrupt();
    } else if (name == "pause" || name == "resume") {
      allow_only(command, {});
      session_.pause(name == "pause");
    } else if (name == "expression") {
      allow_only(command, {"name", "strength"});
      session_.express(expression(text(command, "name")),
                       number(command, "strength", 0, kMostStrength, 1));
    } else if (name == "look") {
      allow_only(command, {"x", "y"});
      const double x = number(command, "x", -1, 1, Json());
      session_.look(x, number(command, "y", -1, 1, Json()));
    } else if (name == "stats") {
      allow_only(command, {});
      reply["stats"] = json_of(without_secrets(report_()));
    } else if (name == "shutdown") {
      allow_only(command, {});
      shut_down_();
    } else {
      refuse("command \"" + name + "\": must be one of " + kCommands);
    }
  } catch (const Json::exception& error) {
    reply["ok"] = false;
    reply["error"] = std::string("no JSON: ") + error.what();
  } catch (const std::exception& error) {
    reply["ok"] = false;
    reply["error"] = describe(error);
  }
  return reply.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace visema::session
