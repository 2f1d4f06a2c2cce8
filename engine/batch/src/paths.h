#pragma once

#include <filesystem>
#include <string>

namespace visema::batch {

/// Absolute, without "." and "..".
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// The path below `folder` where it lies there, else unchanged.
std::string text_relative_to(const std::filesystem::path& path,
                             const std::filesystem::path& folder);

/// Where an output grows until it is whole: hidden, beside its place, so that a rename is all.
std::filesystem::path staging_of(const std::filesystem::path& out);

/// Removes what a rendering left under the staging name.
void remove_staging(const std::filesystem::path& out);

/// What the batch itself keeps in an output folder.
std::filesystem::path state_folder(const std::filesystem::path& out_dir);

}  // namespace visema::batch
