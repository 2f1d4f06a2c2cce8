#pragma once

#include <memory>
#include <string>
#include <vector>

#include "visema/renderer/cutout.h"

namespace visema::session {

/// What `--background` names, a picture cut and scaled to fill the frame; null for "keep". Throws
/// Error(kInput) that names a picture that cannot be read.
std::shared_ptr<const Background> background_of(const std::string& text, int width, int height);

/// The transparency that a share of the person is, a number a pixel.
std::vector<std::uint8_t> alpha_of(const Image& share);

}  // namespace visema::session
