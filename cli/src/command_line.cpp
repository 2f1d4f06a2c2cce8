#include "command_line.h"

#include <algorithm>
#include <cxxopts.hpp>

#include "files.h"
#include "suggestion.h"
#include "visema/core/error.h"

namespace visema::cli {
namespace {

constexpr std::size_t kHelpWidth = 100;

/// What stands for the value in the help.
std::string placeholder(const ConfigField& field) {
  if (field.allowed == "a path") return "PATH";
  if (field.allowed.find("in ") != std::string::npos) return "N";
  return "VALUE";
}

bool is_flag(const ConfigField& field) {
  return field.allowed.starts_with("true, false");
}

std::string description(const ConfigField& field) {
  std::string text = field.help;
  if (field.repeats) return text + " (may be given several times)";
  if (field.allowed != "a path" && !is_flag(field)) text += ": " + field.allowed;
  return text;
}

void describe_option(cxxopts::OptionAdder& add, const std::string& option,
                     const ConfigField& field) {
  auto value = cxxopts::value<std::string>();
  const std::string now = field.text();
  if (is_flag(field)) value->implicit_value("true");
  if (!now.empty() && !(is_flag(field) && now == "false")) value->default_value(now);
  add(option == "quiet" ? "q,quiet" : option, description(field), value,
      is_flag(field) ? "" : placeholder(field));
}

/// The value of an option, of one that repeats all of them.
std::string given(const cxxopts::ParseResult& parsed, const std::string& option,
                  const ConfigField& field) {
  if (!field.repeats) return parsed[option].as<std::string>();
  std::string all;
  const char* between = "";  // an empty one counts too
  for (const auto& argument : parsed.arguments()) {
    if (argument.key() != option) continue;
    all.append(between).append(argument.value());
    between = ";";
  }
  return all;
}

cxxopts::Options declare(const Command& command, const ConfigFields& fields) {
  cxxopts::Options options("visema " + command.words(), command.summary());
  options.set_width(kHelpWidth).allow_unrecognised_options();
  auto add = options.add_options();
  for (const auto& field : fields.fields())
    describe_option(add, field.name.substr(field.name.find('.') + 1), field);
  add("config", "file with values for these options", cxxopts::value<std::string>(), "PATH");
  add("print-config", "print the values that would be used, as a --config file");
  add("h,help", "print this help");
  std::string names;
  for (const std::string& name : command.positional())
    names += (names.empty() ? "[" : " [") + name + "]";
  options.parse_positional(command.positional());
  options.positional_help(names);
  return options;
}

/// Options that do not exist, or else the arguments that belong to none.
void find_strays(const cxxopts::ParseResult& parsed, const ConfigFields& fields,
                 std::vector<std::string>& problems) {
  std::vector<std::string> known = {"config", "print-config", "help"};
  for (const auto& field : fields.fields())
    known.push_back(field.name.substr(field.name.find('.') + 1));
  const auto is_option = [](const std::string& text) { return text.starts_with('-'); };
  const auto& strays = parsed.unmatched();
  // An argument behind an unknown option is most likely its value.
  const bool unknown = std::any_of(strays.begin(), strays.end(), is_option);
  for (const auto& text : strays) {
    if (unknown && is_option(text)) {
      const auto word = text.substr(0, text.find('='));
      const auto letters = word.substr(std::min(word.size(), word.find_first_not_of('-')));
      problems.push_back(word + ": no such option" + suggestion(letters, known, "--"));
    } else if (!unknown) {
      problems.push_back(quote_config_value(text) + ": belongs to no option");
    }
  }
}

}  // namespace

CommandLine::CommandLine(Command& command, const std::vector<Command*>& all) : command_(command) {
  for (Command* other : all) {
    ConfigFields own;
    other->declare(own);
    CommonOptions& common = other->common();
    if (other->reports())
      own.add(other->name() + ".report", common.report, "JSON file for the figures of the run");
    own.add(other->name() + ".quiet", common.quiet, "print no progress, warnings and summary");
    if (other == &command) fields_ = own;
    for (const auto& field : own.fields()) all_fields_.add(field);
  }
}

Request CommandLine::parse(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv;
  for (const auto& argument : arguments) argv.push_back(argument.c_str());
  const auto parsed = [&] {
    try {
      return declare(command_, fields_).parse(static_cast<int>(argv.size()), argv.data());
    } catch (const cxxopts::exceptions::exception& error) {
      throw Error(ErrorCode::kUsage, error.what());
    }
  }();
  if (parsed.count("help") > 0) return Request::kHelp;
  const bool print_config = parsed.count("print-config") > 0;

  std::vector<std::string> problems;
  const auto collect = [&](const auto& work) {
    try {
      work();
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
  };
  find_strays(parsed, fields_, problems);
  if (parsed.count("config") > 0)
    collect([&] { apply_config(parsed["config"].as<std::string>()); });
  for (const auto& field : fields_.fields()) {
    const auto option = field.name.substr(field.name.find('.') + 1);
    if (parsed.count(option) == 0) continue;
    collect([&] { fields_.set(field.name, given(parsed, option, field), "--" + option); });
  }
  if (problems.empty() && !print_config) problems = command_.problems();
  if (problems.empty()) return print_config ? Request::kPrintConfig : Request::kRun;
  std::string text;
  for (const auto& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  throw Error(ErrorCode::kUsage, text);
}

void CommandLine::apply_config(const std::filesystem::path& path) {
  all_fields_.apply(ConfigFile::parse(read_text_file(path, "--config"), path.string()));
}

std::string CommandLine::help() const {
  std::string options = declare(command_, fields_).help();
  // How cxxopts marks a flag that also takes a value.
  constexpr std::string_view kMark = " [=arg(=true)]";
  for (auto at = options.find(kMark); at != std::string::npos; at = options.find(kMark))
    options.replace(at, kMark.size(), kMark.size(), ' ');
  return options + "\nExamples:\n" + command_.examples();
}

}  // namespace visema::cli
