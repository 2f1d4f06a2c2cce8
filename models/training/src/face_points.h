#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace visema::training {

// Points of MediaPipe's 478-point mesh by region.

inline constexpr std::array<std::uint16_t, 20> kInnerLipPoints = {
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95};
inline constexpr std::array<std::uint16_t, 20> kOuterLipPoints = {
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146};
inline constexpr std::array<std::uint16_t, 40> kRingLipPoints = {
    76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306, 307, 320, 404, 315, 16, 85, 180, 90, 77,
    62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292, 325, 319, 403, 316, 15, 86, 179, 89, 96};
inline constexpr std::array<std::uint16_t, 19> kJawPoints = {
    93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323};
/// Upper and lower inner lip around the middle: the mouth's opening is their mean distance in y.
inline constexpr std::array<std::pair<std::uint16_t, std::uint16_t>, 3> kLipGapPairs = {
    {{13, 14}, {82, 87}, {312, 317}}};

}  // namespace visema::training
