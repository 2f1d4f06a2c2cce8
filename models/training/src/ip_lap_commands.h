#pragma once

#include <string>
#include <vector>

namespace visema::training {

/// The networks that --arch names among the arguments of a subcommand: true for "ip-lap", false for
/// "visema" and without it. Throws Error(kUsage) for another name.
bool wants_ip_lap(const std::vector<std::string>& args);

/// What the subcommands `speech` and `renderer` are with --arch ip-lap. Throw Error; return the
/// exit code.
int train_ip_lap_landmarks(const std::vector<std::string>& args);
int train_ip_lap_renderer(const std::vector<std::string>& args);

}  // namespace visema::training
