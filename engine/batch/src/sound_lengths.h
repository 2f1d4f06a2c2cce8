#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "visema/batch/job.h"

namespace visema::batch {

/// Seconds of a sound by its header, 0 when it cannot be read.
using SoundLength = std::function<double(const std::string& path)>;

/// Fills in Job::sound_seconds. The lengths are kept in the state folder under a name that ids,
/// sounds and their sizes give; the first process to write it decides for all shards, so that they
/// agree on who does what even when one cannot read a file. Returns that name.
std::string measure_sounds(std::vector<Job>& jobs, const std::filesystem::path& state_folder,
                           const SoundLength& length);

/// Ids of all jobs that a file of lengths names. Throws Error(kInput).
std::vector<std::string> planned_ids(const std::filesystem::path& state_folder,
                                     const std::string& name);

}  // namespace visema::batch
