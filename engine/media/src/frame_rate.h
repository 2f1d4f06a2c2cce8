#pragma once

#include <filesystem>

#include "handles.h"
#include "visema/core/time.h"

namespace visema::media {

/// The average rate, a common rate where it is within 0.02 % of one; 25 when the file has none.
Rational average_frame_rate(const AVStream& stream);

/// Frames are not equally far apart, by the container's index, else by the first packets.
bool has_variable_frame_rate(const std::filesystem::path& path, const AVStream& stream);

}  // namespace visema::media
