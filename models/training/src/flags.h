#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace visema::training {

struct Flag {
  std::string name;          // without the dashes
  std::string value;         // what it takes, as the help calls it; empty: a switch
  std::string default_text;  // empty: not given
  std::string help;
};

/// `--name value` and `--name=value`. Every member throws Error(kUsage) that names the flag, the
/// value and what is allowed.
class Flags {
 public:
  Flags(std::string command, std::vector<Flag> table, const std::vector<std::string>& args);

  /// Given, or has a default.
  bool has(const std::string& name) const;
  std::string text(const std::string& name) const;
  std::int64_t integer(const std::string& name, std::int64_t least, std::int64_t most) const;
  double real(const std::string& name, double least, double most) const;

  bool help_wanted() const { return help_wanted_; }
  std::string help() const;
  /// The command line as given, for model cards.
  const std::string& line() const { return line_; }

 private:
  std::string command_;
  std::string line_;
  std::vector<Flag> table_;
  std::map<std::string, std::string> values_;
  bool help_wanted_ = false;
};

}  // namespace visema::training
