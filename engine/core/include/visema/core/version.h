#pragma once

namespace visema {
inline constexpr const char* kVersion = "0.1.0";
}
