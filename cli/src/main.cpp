// The `visema` program.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>

#include "command_line.h"
#include "engine_library.h"
#include "files.h"
#include "interrupts.h"
#include "progress.h"
#include "suggestion.h"
#include "visema/core/error.h"
#include "visema/core/version.h"

namespace visema::cli {
namespace {

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  for (const auto make :
       {make_render, make_live, make_devices, make_enroll, make_landmarks, make_eval, make_prepare,
        make_pack, make_doctor, make_import, make_model_inspect, make_model_run, make_batch,
        make_batch_status, make_batch_retry, make_batch_cancel, make_batch_merge, make_batch_worker,
        make_batch_painter})
    commands.push_back(make());
  return commands;
}

std::vector<Command*> pointers(const std::vector<std::unique_ptr<Command>>& commands) {
  std::vector<Command*> all;
  for (const auto& command : commands) all.push_back(command.get());
  return all;
}

std::string overview(const std::vector<Command*>& commands) {
  std::string text = "visema " + std::string(kVersion) +
                     ": a portrait or a video, and a voice, become a talking-head video\n\n"
                     "usage: visema COMMAND [OPTION...]\n\n";
  for (const Command* command : commands) {
    if (command->hidden()) continue;
    std::string name = command->words();
    name.resize(14, ' ');
    text += "  " + name + command->summary() + "\n";
  }
  return text +
         "\n`visema COMMAND --help` lists the options and shows examples; `visema --version` "
         "prints "
         "the version.\n";
}

/// The commands of two words that begin with this one, when it is none by itself: "model".
std::vector<Command*> group_of(const std::vector<Command*>& commands, const std::string& word) {
  std::vector<Command*> group;
  for (Command* command : commands) {
    if (command->name() == word) return {};
    if (!command->hidden() && command->words().starts_with(word + " ")) group.push_back(command);
  }
  return group;
}

Command& find(const std::vector<Command*>& commands, const std::string& name) {
  std::vector<std::string> names;
  for (Command* command : commands) {
    if (command->name() == name) return *command;
    if (!command->hidden()) names.push_back(command->words());
  }
  std::string words;
  for (const Command* command : group_of(commands, name))
    words += (words.empty() ? "" : " or ") + command->words();
  if (!words.empty())
    throw Error(ErrorCode::kUsage, name + ": is followed by a second word: " + words);
  throw Error(ErrorCode::kUsage, quote_config_value(name) + ": no such command" +
                                     suggestion(name, names) + "\nmust be " + one_of(names) +
                                     "; see visema --help");
}

void say(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// "batch status" as "batch-status", where there is such a command.
std::vector<std::string> join_name(std::vector<std::string> arguments,
                                   const std::vector<Command*>& commands) {
  if (arguments.size() < 2) return arguments;
  const std::string joined = arguments[0] + "-" + arguments[1];
  const bool known = std::any_of(commands.begin(), commands.end(),
                                 [&](const Command* command) { return command->name() == joined; });
  if (!known) return arguments;
  arguments.erase(arguments.begin());
  arguments.front() = joined;
  return arguments;
}

int work(Command& command) {
  if (const auto outcome = command.run_without_engine()) {
    say(outcome->summary + "\n");
    return outcome->exit_code;
  }
  const Interrupts interrupts;
  Files files = command.files();
  files.texts.push_back(command.common().report);
  check(files);

  Console console(console_style(command.common().quiet), command.frames_per_second());
  const Workplace workplace{
      load_engine(),
      [&](std::string_view stage, std::int64_t done, std::int64_t total) {
        console.show(stage, done, total);
        return !interrupts.requested();
      },
      [&](LogLevel level, std::string_view text) { console.message(level, text); },
      interrupts.token(), [&](std::string_view text, bool lines) { console.status(text, lines); }};
  const Outcome outcome = command.run(workplace);
  console.clear();
  if (!command.common().report.empty() && !outcome.report.empty())
    write_text_file(command.common().report, outcome.report);
  const bool wanted = outcome.is_listing || !command.common().quiet;
  if (wanted && !outcome.summary.empty()) say(outcome.summary + "\n");
  const bool interrupted = outcome.interrupted || interrupts.requested();
  return interrupted ? static_cast<int>(ErrorCode::kInterrupted) : outcome.exit_code;
}

int run(std::vector<std::string> arguments) {
  const auto commands = make_commands();
  const auto all = pointers(commands);
  const bool help = !arguments.empty() && arguments.front() == "help" && arguments.size() > 1;
  if (help) arguments.erase(arguments.begin());
  arguments = join_name(std::move(arguments), all);
  const std::string first = arguments.empty() ? "" : arguments.front();
  if (first == "--version" || first == "-V" || first == "version") {
    say("visema " + std::string(kVersion) + "\n");
    return 0;
  }
  if (first == "--help" || first == "-h" || first == "help") {
    say(overview(all));
    return 0;
  }
  if (const auto group = group_of(all, first); !group.empty()) {
    const bool asked =
        help || std::any_of(arguments.begin(), arguments.end(),
                            [](const auto& text) { return text == "--help" || text == "-h"; });
    if (asked) {
      say(overview(group));
      return 0;
    }
  }
  if (first.empty()) {
    std::fputs(overview(all).c_str(), stderr);
    return static_cast<int>(ErrorCode::kUsage);
  }

  Command& command = find(all, first);
  CommandLine line(command, all);
  const Request request = help ? Request::kHelp : line.parse(arguments);
  if (request == Request::kHelp) say(line.help());
  if (request == Request::kPrintConfig) say(line.print_config());
  return request == Request::kRun ? work(command) : 0;
}

/// Several problems stand below each other.
void print_error(const std::string& text) {
  std::string indented;
  for (const char c : text) indented += c == '\n' ? "\n  " : std::string(1, c);
  std::fprintf(stderr, "visema: error: %s\n", indented.c_str());
}

}  // namespace
}  // namespace visema::cli

int main(int argc, char** argv) {
  using visema::ErrorCode;
  try {
    const int code = visema::cli::run({argv + 1, argv + argc});
    if (std::fflush(stdout) != 0)
      throw visema::Error(ErrorCode::kOutput, std::string("standard output: ") + strerror(errno));
    return code;
  } catch (const std::bad_alloc&) {
    visema::cli::print_error("out of memory");
    return static_cast<int>(ErrorCode::kInternal);
  } catch (const std::exception& error) {
    visema::cli::print_error(visema::describe(error));
    return static_cast<int>(visema::code_of(error));
  }
}
