#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "visema/core/config_fields.h"

namespace visema::batch {

/// Option of `visema render` -> its text, as in a configuration file.
using JobOptions = std::map<std::string, std::string>;

/// One rendering that is wanted.
struct Job {
  std::string id;
  int line = 0;              // of the job file
  JobOptions options;        // all of them; inputs are absolute paths, `out` is left out
  std::string out;           // relative to the output folder where it lies inside
  double sound_seconds = 0;  // by the header of the sound, 0: not known

  /// The picture, video or avatar that speaks.
  const std::string& face() const;
  const std::string& sound() const { return options.at("audio"); }
  /// The picture behind the person; empty: none.
  std::string background() const;
};

/// What a job may say: the program's one field list of `render`, bound to a scratch value.
struct JobFormat {
  std::vector<ConfigField> fields;                     // without a section: "crf"
  std::function<void()> reset;                         // the scratch value becomes the defaults
  std::function<std::vector<std::string>()> problems;  // what is wrong with the scratch value
};

/// Whether a field holds a path, which is relative to the job file.
inline bool is_path(const ConfigField& field) {
  return field.allowed == "a path";
}

}  // namespace visema::batch
