#include "ip_lap_commands.h"

#include "visema/core/error.h"

namespace visema::training {

bool wants_ip_lap(const std::vector<std::string>& args) {
  std::string name = "visema";
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].starts_with("--arch="))
      name = args[i].substr(7);
    else if (args[i] == "--arch" && i + 1 < args.size())
      name = args[i + 1];
  }
  if (name != "visema" && name != "ip-lap")
    throw Error(ErrorCode::kUsage, "--arch " + name + ": must be visema or ip-lap");
  return name == "ip-lap";
}

}  // namespace visema::training
