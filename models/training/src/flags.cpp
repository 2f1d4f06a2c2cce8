#include "flags.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "visema/core/error.h"

namespace visema::training {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& value,
                         const std::string& allowed) {
  throw Error(ErrorCode::kUsage, "--" + name + " " + value + ": must be " + allowed);
}

template <typename Number>
Number parse(const std::string& name, const std::string& text, Number least, Number most) {
  std::ostringstream range;
  range << "a number in " << least << ".." << most;
  Number number{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || !(number >= least && number <= most))
    refuse(name, text, range.str());
  return number;
}

}  // namespace

Flags::Flags(std::string command, std::vector<Flag> table, const std::vector<std::string>& args)
    : command_(std::move(command)), line_("visema-train " + command_), table_(std::move(table)) {
  for (const Flag& flag : table_)
    if (!flag.default_text.empty()) values_[flag.name] = flag.default_text;
  for (std::size_t i = 0; i < args.size(); ++i) {
    line_ += " " + args[i];
    if (args[i] == "--help" || args[i] == "-h") {
      help_wanted_ = true;
      continue;
    }
    const std::size_t equals = args[i].find('=');
    const std::string word = args[i].substr(0, equals);
    const auto flag = std::find_if(table_.begin(), table_.end(),
                                   [&](const Flag& f) { return "--" + f.name == word; });
    if (flag == table_.end())
      throw Error(ErrorCode::kUsage,
                  args[i] + ": not a flag of visema-train " + command_ + " (see --help)");
    if (flag->value.empty()) {
      values_[flag->name] = "yes";
    } else if (equals != std::string::npos) {
      values_[flag->name] = args[i].substr(equals + 1);
    } else if (i + 1 < args.size()) {
      values_[flag->name] = args[++i];
      line_ += " " + args[i];
    } else {
      throw Error(ErrorCode::kUsage, word + ": needs " + flag->value);
    }
  }
}

bool Flags::has(const std::string& name) const {
  return values_.contains(name);
}

std::string Flags::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end())
    throw Error(ErrorCode::kUsage, "--" + name + ": must be given (see --help)");
  return found->second;
}

std::int64_t Flags::integer(const std::string& name, std::int64_t least, std::int64_t most) const {
  return parse(name, text(name), least, most);
}

double Flags::real(const std::string& name, double least, double most) const {
  return parse(name, text(name), least, most);
}

std::string Flags::help() const {
  std::string text = "visema-train " + command_ + "\n\n";
  for (const Flag& flag : table_) {
    std::string left = "  --" + flag.name + (flag.value.empty() ? "" : " " + flag.value);
    left.resize(std::max<std::size_t>(left.size() + 1, 24), ' ');
    text += left + flag.help;
    if (!flag.default_text.empty()) text += " (" + flag.default_text + ")";
    text += "\n";
  }
  return text;
}

}  // namespace visema::training
