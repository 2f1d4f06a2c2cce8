#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "files.h"
#include "visema/core/config_fields.h"
#include "visema/session/live.h"

namespace visema::cli {

/// The options of a live run as they are given.
struct LiveSettings {
  LiveSettings() { options.preset = "veryfast"; }

  session::LiveOptions options;
  std::string microphone;
  bool preview = false;
};

/// Those that every session has for itself. `section` stands before their names: "live".
void add_live_session(ConfigFields& fields, const std::string& section, LiveSettings& settings);
/// Those of the whole process.
void add_live_process(ConfigFields& fields, const std::string& section, LiveSettings& settings);

/// Everything that is wrong with them together. `prefix` stands before their names: "--".
std::vector<std::string> live_problems(const LiveSettings& settings, const std::string& prefix);
Files live_files(const LiveSettings& settings);
/// With the short forms in the place of what they stand for.
session::LiveOptions whole(const LiveSettings& settings);

}  // namespace visema::cli
