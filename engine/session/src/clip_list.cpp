#include "clip_list.h"

#include <fstream>
#include <map>

#include "visema/core/error.h"

namespace visema::session {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
  const std::string text = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  std::vector<std::string> fields;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find('\t', begin);
    fields.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return fields;
    begin = end + 1;
  }
}

}  // namespace

std::vector<ClipEntry> read_clip_list(const std::filesystem::path& data) {
  const auto list = data / "clips.tsv";
  std::ifstream file(list);
  std::string line;
  if (!std::getline(file, line))
    throw Error(ErrorCode::kInput, list.string() +
                                       ": cannot be read; a folder of clips needs a "
                                       "clips.tsv that lists them");
  std::map<std::string, std::size_t> column;
  const auto header = fields_of(line);
  for (std::size_t i = 0; i < header.size(); ++i) column[header[i]] = i;
  for (const char* name : {"path", "source", "identity", "sound"})
    if (!column.contains(name))
      throw Error(ErrorCode::kInput, list.string() + ": has no column \"" + name + "\"");

  std::vector<ClipEntry> clips;
  for (int number = 2; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    const auto fields = fields_of(line);
    if (fields.size() < header.size())
      throw Error(ErrorCode::kInput, list.string() + ", line " + std::to_string(number) + ": has " +
                                         std::to_string(fields.size()) + " fields, expected " +
                                         std::to_string(header.size()));
    ClipEntry clip;
    clip.path = data / fields[column["path"]];
    clip.source = fields[column["source"]];
    clip.id = clip.source + "/" + clip.path.stem().string();
    const std::string& person = fields[column["identity"]];
    if (person != "?" && person != "unknown" && person != "-") clip.person = person;
    clip.has_sound = fields[column["sound"]] == "own";
    if (column.contains("origin")) clip.origin = fields[column["origin"]];
    if (column.contains("licence")) clip.licence = fields[column["licence"]];
    clips.push_back(std::move(clip));
  }
  return clips;
}

}  // namespace visema::session
