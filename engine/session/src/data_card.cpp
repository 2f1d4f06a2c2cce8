#include "data_card.h"

#include <array>
#include <cstdio>
#include <map>
#include <set>

namespace visema::session {
namespace {

struct Row {
  std::int64_t clips = 0, held_out = 0, dropped = 0, crops = 0;
  double speech_s = 0, silent_s = 0;
  std::set<std::string> persons;

  void add(const ClipData& clip) {
    if (!clip.dropped.empty()) {
      ++dropped;
      return;
    }
    ++clips;
    if (clip.split != "train") ++held_out;
    crops += static_cast<std::int64_t>(clip.crop_frame.size());
    const double length =
        clip.time_s.empty() ? 0 : clip.time_s.back() - clip.time_s.front() + 1 / clip.fps;
    (clip.active.empty() ? silent_s : speech_s) += length;
    persons.insert(clip.person);
  }
};

std::string minutes(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", seconds / 60);
  return text;
}

/// A cell of a table: the bar ends cells, line ends rows.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|')
      out += "\\|";
    else
      out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string why_table(const std::string& lines) {
  return lines.empty() ? "Nothing.\n" : "| clip | why |\n| --- | --- |\n" + lines;
}

/// Source, origin, licence.
using Key = std::array<std::string, 3>;

std::string line(const Key& key, const Row& row) {
  std::string text = "|";
  for (const std::string& part : key) text += ' ' + cell(part) + " |";
  for (const std::int64_t count : {row.clips, row.held_out})
    text += ' ' + std::to_string(count) + " |";
  text += ' ' + minutes(row.speech_s) + " | " + minutes(row.silent_s) + " |";
  for (const std::int64_t count :
       {static_cast<std::int64_t>(row.persons.size()), row.crops, row.dropped})
    text += ' ' + std::to_string(count) + " |";
  return text + '\n';
}

}  // namespace

std::string data_card(std::span<const ClipEntry> entries, std::span<const ClipData> clips,
                      const std::string& pack_sha256) {
  std::map<Key, Row> rows;
  Row all;
  std::string dropped, silenced;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    rows[{entries[i].source, entries[i].origin, entries[i].licence}].add(clips[i]);
    all.add(clips[i]);
    if (!clips[i].dropped.empty())
      dropped += "| " + cell(clips[i].id) + " | " + cell(clips[i].dropped) + " |\n";
    else if (!clips[i].silenced.empty())
      silenced += "| " + cell(clips[i].id) + " | " + cell(clips[i].silenced) + " |\n";
  }
  std::string card =
      "# Training pack\n\nSHA-256 `" + pack_sha256 +
      "`. Licences are those that the sources declare; they do not clear the rights of the footage "
      "underneath.\n\n"
      "| source | origin | declared licence | clips | held out | minutes with sound | minutes "
      "without | persons | face crops | left out |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const auto& [key, row] : rows) card += line(key, row);
  card += line({"all", "", ""}, all);
  card += "\n## Left out\n\n" + why_table(dropped);
  return card + "\n## Without their sound\n\n" + why_table(silenced);
}

}  // namespace visema::session
