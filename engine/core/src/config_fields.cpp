#include "visema/core/config_fields.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>

#include "visema/core/error.h"

namespace visema {
namespace {

template <typename Number>
std::string number_text(Number value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return {buffer, end};
}

template <typename Number>
ConfigField number_field(std::string name, Number& value, Number low, Number high,
                         std::string help) {
  return {std::move(name), std::move(help), "in " + number_text(low) + ".." + number_text(high),
          [&value] { return number_text(value); },
          [&value, low, high](std::string_view text) {
            Number number{};
            const char* end = text.data() + text.size();
            const auto [stop, error] = std::from_chars(text.data(), end, number);
            // Written so that a NaN is refused.
            if (error != std::errc() || stop != end || !(number >= low && number <= high))
              return false;
            value = number;
            return true;
          }};
}

}  // namespace

std::string one_of(const std::vector<std::string>& names) {
  std::string text = "one of ";
  for (const auto& name : names) text += (&name == &names.front() ? "" : ", ") + name;
  return text;
}

void ConfigFields::add(std::string name, int& value, int low, int high, std::string help) {
  add(number_field(std::move(name), value, low, high, std::move(help)));
}

void ConfigFields::add(std::string name, std::int64_t& value, std::int64_t low, std::int64_t high,
                       std::string help) {
  add(number_field(std::move(name), value, low, high, std::move(help)));
}

void ConfigFields::add(std::string name, double& value, double low, double high, std::string help) {
  add(number_field(std::move(name), value, low, high, std::move(help)));
}

void ConfigFields::add(std::string name, bool& value, std::string help) {
  add({std::move(name), std::move(help), "true, false, on or off",
       [&value] { return std::string(value ? "true" : "false"); },
       [&value](std::string_view text) {
         const bool yes = text == "true" || text == "on";
         if (!yes && text != "false" && text != "off") return false;
         value = yes;
         return true;
       }});
}

void ConfigFields::add(std::string name, std::string& value, std::string help) {
  add({std::move(name), std::move(help), "a text", [&value] { return value; },
       [&value](std::string_view text) {
         value = text;
         return true;
       }});
}

void ConfigFields::add(std::string name, std::filesystem::path& value, std::string help) {
  add({std::move(name), std::move(help), "a path", [&value] { return value.string(); },
       [&value](std::string_view text) {
         value = text;
         return true;
       }});
}

void ConfigFields::add(std::string name, std::vector<std::string>& values, std::string help) {
  add({std::move(name), std::move(help), "texts with ; between them",
       [&values] {
         std::string text;
         for (const std::string& value : values) text += (text.empty() ? "" : "; ") + value;
         return text;
       },
       [&values](std::string_view text) {
         values.clear();
         while (!text.empty()) {
           const std::size_t end = std::min(text.find(';'), text.size());
           const std::string_view part = text.substr(0, end);
           const std::size_t first = part.find_first_not_of(' ');
           if (first != std::string_view::npos)
             values.emplace_back(part.substr(first, part.find_last_not_of(' ') - first + 1));
           text.remove_prefix(std::min(end + 1, text.size()));
         }
         return true;
       },
       true});
}

void ConfigFields::add(ConfigField field) {
  assert(std::none_of(fields_.begin(), fields_.end(),
                      [&](const auto& other) { return other.name == field.name; }));
  fields_.push_back(std::move(field));
}

void ConfigFields::set(std::string_view name, std::string_view text, const std::string& where) {
  const auto field = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const auto& other) { return other.name == name; });
  if (field == fields_.end())
    throw Error(ErrorCode::kUsage, std::string(name) + ": no such option (" + where + ")");
  if (!field->set(text))
    throw Error(ErrorCode::kUsage, std::string(name) + " = " + quote_config_value(text) +
                                       ": must be " + field->allowed + " (" + where + ")");
}

void ConfigFields::apply(const ConfigFile& file) {
  std::string problems;
  for (const auto& entry : file.entries()) {
    try {
      set(entry.key, entry.text, file.where(entry));
    } catch (const Error& error) {
      if (!problems.empty()) problems += "\n";
      problems += error.what();
    }
  }
  if (!problems.empty()) throw Error(ErrorCode::kUsage, problems);
}

std::string ConfigFields::print() const {
  // Fields without a section come first: nothing could return to them.
  std::vector<std::pair<std::string, std::string>> sections{{"", ""}};
  for (const auto& field : fields_) {
    const auto dot = field.name.rfind('.');
    const bool top = dot == std::string::npos;
    const std::string section = top ? "" : field.name.substr(0, dot);
    auto found = std::find_if(sections.begin(), sections.end(),
                              [&](const auto& other) { return other.first == section; });
    if (found == sections.end()) found = sections.insert(found, {section, ""});
    found->second += "# " + field.help + "; " + field.allowed + "\n" +
                     field.name.substr(top ? 0 : dot + 1) + " = " +
                     quote_config_value(field.text()) + "\n";
  }
  std::string text;
  for (const auto& [section, lines] : sections) {
    if (lines.empty()) continue;
    if (!text.empty()) text += "\n";
    if (!section.empty()) text += "[" + section + "]\n";
    text += lines;
  }
  return text;
}

}  // namespace visema
