#pragma once

#include <array>
#include <cstdint>

namespace visema {

// Contours of the face mesh, clockwise in the picture.

inline constexpr std::array<std::uint16_t, 20> kInnerLipContour = {
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95};
inline constexpr std::array<std::uint16_t, 20> kOuterLipContour = {
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146};
/// From the middle of the forehead; the chin is 152.
inline constexpr std::array<std::uint16_t, 36> kOvalContour = {
    10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109};

inline constexpr int kNoseTip = 4;

}  // namespace visema
