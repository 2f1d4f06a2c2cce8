#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "command.h"
#include "visema/core/config_fields.h"

namespace visema::cli {

/// What the arguments ask for in place of the work.
enum class Request { kRun, kHelp, kPrintConfig };

/// The options of one subcommand: defaults, then the configuration file, then the arguments.
class CommandLine {
 public:
  /// `all` are all subcommands, since one configuration file may hold a section for each.
  CommandLine(Command& command, const std::vector<Command*>& all);

  /// arguments[0] is the name of the subcommand. Throws one Error(kUsage) with every problem, a
  /// line each.
  Request parse(const std::vector<std::string>& arguments);
  std::string help() const;
  /// The values after parse(), as a configuration file.
  std::string print_config() const { return fields_.print(); }

 private:
  void apply_config(const std::filesystem::path& path);

  Command& command_;
  ConfigFields fields_;      // of this subcommand
  ConfigFields all_fields_;  // of every subcommand
};

}  // namespace visema::cli
