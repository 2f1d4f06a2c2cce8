#include "visema/core/config_file.h"

#include <algorithm>
#include <map>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr std::size_t kLargestText = 1 << 20;

bool is_one_of(char c, std::string_view others) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         others.find(c) != std::string_view::npos;
}
bool is_key_character(char c) {
  return is_one_of(c, "_-.");
}
bool is_bare_character(char c) {
  return is_one_of(c, "_+-./:");
}

/// A key has no empty part between its dots.
bool is_key(std::string_view key) {
  return !key.empty() && key.front() != '.' && key.back() != '.' &&
         key.find("..") == std::string_view::npos;
}

/// Reads one line from left to right.
class LineReader {
 public:
  LineReader(std::string_view line, std::string where) : rest_(line), where_(std::move(where)) {}

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kUsage, what + " (" + where_ + ")");
  }

  bool accept(char c) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c, const std::string& after) {
    if (!accept(c)) refuse(std::string("'") + c + "' expected after " + after);
  }

  bool at_end() {
    skip_spaces();
    return rest_.empty() || rest_.front() == '#';
  }

  void expect_end() {
    if (!at_end()) refuse("unexpected \"" + std::string(rest_.substr(0, 20)) + "\"");
  }

  std::string key(const std::string& what) {
    skip_spaces();
    std::string name = take_while(is_key_character);
    if (!is_key(name)) refuse(what + " expected: letters, digits, _, - and single dots");
    return name;
  }

  std::string value(const std::string& key) {
    skip_spaces();
    if (!rest_.empty() && rest_.front() == '"') return quoted(key);
    std::string text = take_while(is_bare_character);
    if (text.empty()) refuse(key + ": a value expected: a number, true, false, a word or \"text\"");
    return text;
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }

  template <typename Predicate>
  std::string take_while(Predicate belongs) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), belongs);
    std::string taken(rest_.begin(), end);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string quoted(const std::string& key) {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t')
        refuse(key + ": control character in a text");
      text += c == '\\' && i + 1 < rest_.size() ? escaped(rest_[++i], key) : c;
    }
    refuse(key + ": '\"' expected at the end of the text");
  }

  char escaped(char c, const std::string& key) const {
    constexpr std::string_view kNames = "\"\\nrt";
    constexpr std::string_view kMeanings = "\"\\\n\r\t";
    const auto index = kNames.find(c);
    if (index == std::string_view::npos)
      refuse(key + ": escape \\" + std::string(1, c) + ": must be one of \\\" \\\\ \\n \\r \\t");
    return kMeanings[index];
  }

  std::string_view rest_;
  std::string where_;
};

std::string place(const std::string& filename, int line) {
  return filename + ", line " + std::to_string(line);
}

}  // namespace

ConfigFile ConfigFile::parse(std::string_view text, std::string filename) {
  if (text.size() > kLargestText)
    throw Error(ErrorCode::kUsage, filename + ": " + std::to_string(text.size()) +
                                       " bytes: a configuration has at most " +
                                       std::to_string(kLargestText));
  ConfigFile file;
  file.filename_ = std::move(filename);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
  std::string section;
  std::map<std::string, int> seen;
  for (int number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);

    LineReader reader(line, place(file.filename_, number));
    if (reader.at_end()) continue;
    if (reader.accept('[')) {
      file.sections_.push_back({reader.key("the name of a section"), number});
      section = file.sections_.back().name + ".";
      reader.expect(']', "the name of a section");
    } else {
      Entry entry;
      entry.key = section + reader.key("a key");
      reader.expect('=', entry.key);
      entry.text = reader.value(entry.key);
      entry.line = number;
      const auto [first, is_new] = seen.emplace(entry.key, number);
      if (!is_new)
        reader.refuse(entry.key + ": already set in line " + std::to_string(first->second));
      file.entries_.push_back(std::move(entry));
    }
    reader.expect_end();
  }
  return file;
}

const ConfigFile::Entry* ConfigFile::find(std::string_view key) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries_.end() ? nullptr : &*found;
}

std::string ConfigFile::where(const Entry& entry) const {
  return place(filename_, entry.line);
}

std::string ConfigFile::where(const Section& section) const {
  return place(filename_, section.line);
}

std::string quote_config_value(std::string_view value) {
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_bare_character))
    return std::string(value);
  std::string text = "\"";
  for (const char c : value) {
    switch (c) {
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      default:
        text += c;
    }
  }
  return text + "\"";
}

}  // namespace visema
