#pragma once

#include <filesystem>
#include <string>

#include "command.h"

namespace visema::cli {

/// Throws Error(kInput) for inputs that are not there and Error(kOutput) for outputs that cannot be
/// written, all of them at once, so that no one waits for a wrong name; Error(kUsage) as
/// refuse_overwriting() does.
void check(const Files& files);

/// Throws Error(kUsage) when an output is an input or another output.
void refuse_overwriting(const Files& files);

/// Throws Error(kUsage) that names the option it was given with.
std::string read_text_file(const std::filesystem::path& path, const std::string& option);

/// Writes beside `path` and renames, to a device or a pipe at once. Throws Error(kOutput).
void write_text_file(const std::filesystem::path& path, const std::string& text);

/// Whether both names mean one file, which need not exist.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace visema::cli
