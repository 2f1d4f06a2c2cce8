#include <charconv>
#include <nlohmann/json.hpp>

#include "visema/batch/job_file.h"

namespace visema::batch {
namespace {

using nlohmann::ordered_json;

/// "one of a, b" -> its words.
ordered_json words_of(std::string_view allowed) {
  ordered_json words = ordered_json::array();
  allowed.remove_prefix(std::string_view("one of ").size());
  while (!allowed.empty()) {
    const std::size_t end = std::min(allowed.find(", "), allowed.size());
    words.push_back(std::string(allowed.substr(0, end)));
    allowed.remove_prefix(std::min(end + 2, allowed.size()));
  }
  return words;
}

/// "in 0..51" -> its ends.
void add_range(std::string_view allowed, ordered_json& property) {
  allowed.remove_prefix(std::string_view("in ").size());
  const std::size_t dots = allowed.find("..");
  property["minimum"] = ordered_json::parse(allowed.substr(0, dots));
  property["maximum"] = ordered_json::parse(allowed.substr(dots + 2));
}

ordered_json property_of(const ConfigField& field) {
  ordered_json property;
  property["description"] = field.help;
  if (field.allowed.starts_with("one of ")) {
    property["enum"] = words_of(field.allowed);
    // JSON may say on and off as true and false.
    const auto words = property["enum"];
    for (const auto& word : words)
      if (word == "on" || word == "off") property["enum"].push_back(word == "on");
  } else if (field.allowed.starts_with("in ")) {
    property["type"] = "number";
    add_range(field.allowed, property);
  } else if (is_path(field)) {
    property["type"] = "string";
  } else {
    property["type"] = {"string", "number"};
    property["description"] = field.help + ": " + field.allowed;
  }
  if (const std::string now = field.text(); !now.empty()) property["default"] = now;
  return property;
}

}  // namespace

std::string job_schema(const JobFormat& format) {
  format.reset();
  ordered_json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "A job of `visema batch`: one line of a .jsonl file, or one row of a .csv file";
  schema["type"] = "object";
  schema["additionalProperties"] = false;
  schema["required"] = {"id", "audio"};
  schema["oneOf"] = {{{"required", {"source"}}}, {{"required", {"avatar"}}}};
  auto& properties = schema["properties"];
  properties["id"] = {{"description", "name of the job, different for each, not *"},
                      {"type", "string"},
                      {"pattern", "^[^ ;]([^;]*[^ ;])?$"},
                      {"minLength", 1},
                      {"maxLength", 200}};
  for (const ConfigField& field : format.fields) properties[field.name] = property_of(field);
  properties["out"]["description"] =
      "video to write, .mp4, .mov, .mkv or .webm, inside of --out-dir or absolute; else ID.mp4";
  return schema.dump(2);
}

}  // namespace visema::batch
