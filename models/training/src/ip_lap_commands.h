#pragma once

#include <string>
#include <vector>

namespace visema::training {

/// The networks that --arch names among the arguments of a subcommand: true for "ip-lap", false for
/// "visema" and without it. Throws Error(kUsage) for another name.
bool wants_ip_lap(const std::vector<std::string>& args);

/// What the subcommand `speech` is with --arch ip-lap. Throws Error; returns the exit code.
int train_ip_lap_landmarks(const std::vector<std::string>& args);

}  // namespace visema::training
