#pragma once

#include <algorithm>
#include <cstdint>

namespace visema {

/// Four floats in one register: r, g, b and one more.
typedef float Vec4 __attribute__((vector_size(16)));

inline Vec4 broadcast(float x) {
  return Vec4{x, x, x, x};
}

inline std::uint8_t to_byte(float x) {
  return static_cast<std::uint8_t>(std::clamp(x + 0.5F, 0.0F, 255.0F));
}

/// r g b, rounded and clamped.
inline void store(Vec4 colour, std::uint8_t* rgb) {
  for (int c = 0; c < 3; ++c) rgb[c] = to_byte(colour[c]);
}

}  // namespace visema
