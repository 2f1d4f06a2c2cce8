#pragma once

#include <string>
#include <vector>

namespace visema::training {

/// The subcommands of visema-train. Throw Error; return the exit code.
int train_speech(const std::vector<std::string>& args);
int train_sync(const std::vector<std::string>& args);
int train_renderer(const std::vector<std::string>& args);

/// True once the user asked to stop (Ctrl-C, SIGTERM): write a checkpoint and return.
bool stop_requested();
/// Async-signal safe.
void request_stop();

}  // namespace visema::training
