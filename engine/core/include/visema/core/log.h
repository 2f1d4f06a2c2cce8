#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace visema {

enum class LogLevel { kDebug, kInfo, kWarning };

/// Where the libraries report what they noticed; the program installs it. Null drops everything.
/// May be called from any thread.
using LogSink = std::function<void(LogLevel, std::string_view)>;

/// Progress of long work. done and total in items (frames); total 0 when it is not known.
/// Called from the thread that runs the work. Return false to stop the work early.
using ProgressSink =
    std::function<bool(std::string_view stage, std::int64_t done, std::int64_t total)>;

}  // namespace visema
