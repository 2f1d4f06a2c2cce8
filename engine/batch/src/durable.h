#pragma once

#include <filesystem>
#include <string>

namespace visema::batch {

// What these have written is there after a power cut. They throw Error(kOutput).

/// Beside `path`, then renamed.
void write_durably(const std::filesystem::path& path, const std::string& text);
/// The content of a file that others have written.
void sync_file(const std::filesystem::path& path);
void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace visema::batch
