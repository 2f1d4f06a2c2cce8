#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visema {

/// A configuration text:
///
///     # a comment
///     [render]
///     crf = 20                # bare words: letters, digits and _ + - . / :
///     out = "my \"talk\".mp4"   # escapes: \" \\ \n \r \t
///
/// Keys are section.key; sections may be nested with dots. UTF-8, at most 1 MiB.
class ConfigFile {
 public:
  struct Entry {
    std::string key;   // "render.crf"
    std::string text;  // the value without quotes
    int line = 0;
  };

  /// A line [NAME].
  struct Section {
    std::string name;
    int line = 0;
  };

  /// Throws Error(kUsage) that names the line. `filename` only appears in messages.
  static ConfigFile parse(std::string_view text, std::string filename);

  /// In the order of the file; no key twice.
  const std::vector<Entry>& entries() const { return entries_; }
  const Entry* find(std::string_view key) const;
  /// In the order of the file, those without entries too.
  const std::vector<Section>& sections() const { return sections_; }
  /// "visema.toml, line 7"
  std::string where(const Entry& entry) const;
  std::string where(const Section& section) const;

 private:
  std::string filename_;
  std::vector<Entry> entries_;
  std::vector<Section> sections_;
};

/// A value as it stands in a configuration text, quoted where it must be.
std::string quote_config_value(std::string_view value);

}  // namespace visema
