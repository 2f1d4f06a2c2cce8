#pragma once

#include <filesystem>

#include "visema/core/image.h"

namespace visema::training {

/// Binary portable pixmap (P6). Throws Error(kOutput).
void write_ppm(const std::filesystem::path& path, const Image& image);

}  // namespace visema::training
