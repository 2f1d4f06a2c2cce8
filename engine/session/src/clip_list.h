#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace visema::session {

/// One row of clips.tsv.
struct ClipEntry {
  std::filesystem::path path;  // of the media file
  std::string id;              // "grid-s1/0001"
  std::string source;          // "grid-s1"
  std::string person;          // label of the source, empty when not labelled
  bool has_sound = false;
  std::string origin;   // where the clip is from, empty when the list does not say
  std::string licence;  // as declared there
};

/// Reads DATA/clips.tsv: a header line, then tab-separated rows with at least the columns path,
/// source, identity, sound; origin and licence are read where they are. Throws Error(kInput) with
/// the line that is wrong.
std::vector<ClipEntry> read_clip_list(const std::filesystem::path& data);

}  // namespace visema::session
