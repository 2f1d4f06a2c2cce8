#include "visema/batch/job.h"

namespace visema::batch {

const std::string& Job::face() const {
  const std::string& avatar = options.at("avatar");
  return avatar.empty() ? options.at("source") : avatar;
}

std::string Job::background() const {
  const auto given = options.find("background");
  if (given == options.end() || given->second == "keep" || given->second == "blur" ||
      given->second == "none" || given->second.starts_with('#'))
    return {};
  return given->second;
}

}  // namespace visema::batch
