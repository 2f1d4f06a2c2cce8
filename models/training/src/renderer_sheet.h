#pragma once

#include <filesystem>

#include "visema/core/image.h"

namespace visema::training {

/// Windows bitmap, 24 bits, from the top down: what needs no library and browsers show. Throws
/// Error(kOutput).
void write_bmp(const std::filesystem::path& path, const Image& image);

}  // namespace visema::training
