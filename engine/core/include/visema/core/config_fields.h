#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "visema/core/config_file.h"

namespace visema {

/// One option, bound to a member of a configuration struct.
struct ConfigField {
  std::string name;                           // "render.crf"
  std::string help;                           // one line
  std::string allowed;                        // "in 0..51", to follow "must be"
  std::function<std::string()> text;          // the present value
  std::function<bool(std::string_view)> set;  // false, and no change, when not allowed
  bool repeats = false;  // the command line may give it several times; set() takes them joined by ;
};

/// The field list of a configuration: the one source of the command line, the configuration file,
/// --print-config and the help. The bound values must outlive it.
class ConfigFields {
 public:
  /// Whole numbers and floating point in [low, high].
  void add(std::string name, int& value, int low, int high, std::string help);
  void add(std::string name, std::int64_t& value, std::int64_t low, std::int64_t high,
           std::string help);
  void add(std::string name, double& value, double low, double high, std::string help);
  /// true, false, on, off.
  void add(std::string name, bool& value, std::string help);
  void add(std::string name, std::string& value, std::string help);
  void add(std::string name, std::filesystem::path& value, std::string help);
  /// Any number of texts, which ; separates; replaces those given before.
  void add(std::string name, std::vector<std::string>& values, std::string help);
  /// An enumerator by its name.
  template <typename Enum>
  void add(std::string name, Enum& value, std::vector<std::pair<std::string, Enum>> choices,
           std::string help);
  /// The word `unset` (such as "auto") stands for no value.
  template <typename Enum>
  void add(std::string name, std::optional<Enum>& value,
           std::vector<std::pair<std::string, Enum>> choices, std::string unset, std::string help);
  void add(ConfigField field);

  const std::vector<ConfigField>& fields() const { return fields_; }

  /// Throws Error(kUsage): "render.crf = 99: must be in 0..51 (visema.toml, line 7)". `where` names
  /// the place, e.g. "--crf".
  void set(std::string_view name, std::string_view text, const std::string& where);
  /// Sets all that the file names; throws one Error(kUsage) with every problem, a line each.
  void apply(const ConfigFile& file);
  /// A configuration text with the present values and the help as comments.
  std::string print() const;

 private:
  std::vector<ConfigField> fields_;
};

/// "one of a, b, c"
std::string one_of(const std::vector<std::string>& names);

template <typename Enum>
void ConfigFields::add(std::string name, Enum& value,
                       std::vector<std::pair<std::string, Enum>> choices, std::string help) {
  std::vector<std::string> names;
  for (const auto& choice : choices) names.push_back(choice.first);
  add({std::move(name), std::move(help), one_of(names),
       [&value, choices] {
         for (const auto& [choice, enumerator] : choices)
           if (enumerator == value) return choice;
         return std::string();
       },
       [&value, choices](std::string_view text) {
         for (const auto& [choice, enumerator] : choices)
           if (choice == text) {
             value = enumerator;
             return true;
           }
         return false;
       }});
}

template <typename Enum>
void ConfigFields::add(std::string name, std::optional<Enum>& value,
                       std::vector<std::pair<std::string, Enum>> choices, std::string unset,
                       std::string help) {
  std::vector<std::pair<std::string, std::optional<Enum>>> all{{std::move(unset), std::nullopt}};
  for (auto& [choice, enumerator] : choices) all.emplace_back(std::move(choice), enumerator);
  add<std::optional<Enum>>(std::move(name), value, std::move(all), std::move(help));
}

}  // namespace visema
