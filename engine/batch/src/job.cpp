#include "visema/batch/job.h"

namespace visema::batch {

const std::string& Job::face() const {
  const std::string& avatar = options.at("avatar");
  return avatar.empty() ? options.at("source") : avatar;
}

}  // namespace visema::batch
