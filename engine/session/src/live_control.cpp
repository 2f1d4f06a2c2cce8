#include "live_control.h"

#include "live_report.h"
#include "utterance.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

using Json = CommandJson;

constexpr double kMostStrength = 2;

constexpr std::pair<const char*, Expression> kExpressions[] = {
    {"neutral", Expression::kNeutral},
    {"happy", Expression::kHappy},
    {"sad", Expression::kSad},
    {"angry", Expression::kAngry},
    {"surprised", Expression::kSurprised}};

double number(const Json& command, const char* name, double low, double high, const Json& other) {
  const Json value = command.value(name, other);
  const std::string allowed = std::string(name) + ": must be a number in " +
                              std::to_string(static_cast<int>(low)) + ".." +
                              std::to_string(static_cast<int>(high));
  if (!value.is_number()) refuse_command(allowed);
  const auto given = value.get<double>();
  if (!(given >= low && given <= high)) refuse_command(allowed);
  return given;
}

Expression expression(const std::string& name) {
  std::string allowed;
  for (const auto& [word, value] : kExpressions) {
    if (name == word) return value;
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  refuse_command("name \"" + name + "\": must be one of " + allowed);
}

void say(LiveSession& session, const Json& command, Json& reply) {
  allow_only(command, {"file", "pcm", "format", "rate", "channels"});
  const SoundForm form{session.options().rate_hz, session.options().channels};
  if (command.contains("file") == command.contains("pcm"))
    refuse_command("say: needs file or pcm, one of the two");
  if (command.contains("file")) {
    session.say(utterance_of_file(command_text(command, "file"), form));
  } else {
    const SoundForm given{static_cast<int>(number(command, "rate", 4000, 192000, 24000)),
                          static_cast<int>(number(command, "channels", 1, 8, 1))};
    const Json format = command.value("format", Json("s16le"));
    if (!format.is_string()) refuse_command("format: must be a text");
    auto utterance =
        utterance_of_pcm(command_text(command, "pcm"), format.get<std::string>(), given, form);
    reply["seconds"] = static_cast<double>(utterance->available()) / form.rate_hz;
    session.say(std::move(utterance));
  }
}

}  // namespace

LiveControl::LiveControl(LiveSession& session, std::function<LiveReport()> report,
                         std::function<void()> shut_down)
    : session_(session), report_(std::move(report)), shut_down_(std::move(shut_down)) {}

std::string LiveControl::answer(const std::string& line) {
  return answer_command(line,
                        [this](const Json& command, Json& reply) { perform(command, reply); });
}

void LiveControl::perform(const Json& command, Json& reply) {
  const std::string name = command_name(command, kCommands);
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
    session_.express(expression(command_text(command, "name")),
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
  }
}

}  // namespace visema::session
