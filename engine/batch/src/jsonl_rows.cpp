#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "job_rows.h"

namespace visema::batch {
namespace {

using nlohmann::json;

/// A JSON text; `twice` becomes a key that its object holds two times, of which nlohmann's parser
/// keeps the last without a word.
json parse(std::string_view line, std::string& twice) {
  std::set<std::string> seen;
  return json::parse(line, [&](int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::key && depth == 1)
      if (const auto key = value.get<std::string>(); !seen.insert(key).second) twice = key;
    return true;
  });
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  return value.dump();
}

void read_line(std::string_view line, int number, std::vector<JobRow>& rows,
               std::vector<LineProblem>& problems) {
  json object;
  std::string twice;
  try {
    object = parse(line, twice);
  } catch (const json::exception& error) {
    const std::string what = error.what();
    problems.push_back({number, "is no JSON: " + what.substr(what.find("] ") + 2)});
    return;
  }
  if (!object.is_object()) {
    problems.push_back({number, "must be a JSON object"});
    return;
  }
  if (!twice.empty()) problems.push_back({number, twice + ": is given twice"});
  JobRow row{number, {}};
  for (const auto& [key, value] : object.items()) {
    if (value.is_null()) continue;
    if (value.is_structured())
      problems.push_back({number, key + ": must be a text, a number, true or false"});
    else
      row.values.emplace_back(key, text_of(value));
  }
  rows.push_back(std::move(row));
}

}  // namespace

std::vector<JobRow> read_jsonl(std::string_view text, std::vector<LineProblem>& problems) {
  std::vector<JobRow> rows;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos)
      read_line(line, number, rows, problems);
  }
  return rows;
}

}  // namespace visema::batch
