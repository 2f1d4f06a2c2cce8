#include "visema/batch/job.h"

#include "visema/session/render.h"

namespace visema::batch {

const std::string& Job::face() const {
  const std::string& avatar = options.at("avatar");
  return avatar.empty() ? options.at("source") : avatar;
}

std::string Job::background() const {
  const auto given = options.find("background");
  return given == options.end() ? "" : session::background_file(given->second);
}

}  // namespace visema::batch
