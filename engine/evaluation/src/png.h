#pragma once

#include <string>

#include "visema/core/image.h"

namespace visema {

/// PNG file (ISO/IEC 15948) of a picture, 8-bit RGB.
std::string png_of(const Image& image);
/// "data:image/png;base64,..." for HTML.
std::string data_uri_of(const Image& image);

}  // namespace visema
