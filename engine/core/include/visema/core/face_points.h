#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace visema {

// Points of the 478-point mesh by region. "Right" and "left" are the person's, so right is at
// smaller x in a picture. Contours run around the region in order, first point at the person's
// right.

/// Inner edge of the lips: upper 78..308, then lower back to 78.
inline constexpr std::array<std::uint16_t, 20> kInnerLips = {
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95};
/// Outer edge of the lips: upper 61..291, then lower back to 61.
inline constexpr std::array<std::uint16_t, 20> kOuterLips = {
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146};
/// The two rings between the edges, from outside to inside, in the order of kOuterLips.
inline constexpr std::array<std::uint16_t, 20> kOuterLipRing = {
    76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306, 307, 320, 404, 315, 16, 85, 180, 90, 77};
inline constexpr std::array<std::uint16_t, 20> kInnerLipRing = {
    62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292, 325, 319, 403, 316, 15, 86, 179, 89, 96};
/// Every point of the lips: four rings of 20, outside to inside.
inline constexpr std::array<std::uint16_t, 80> kLips = [] {
  std::array<std::uint16_t, 80> all{};
  for (int i = 0; i < 20; ++i) {
    all[i] = kOuterLips[i];
    all[20 + i] = kOuterLipRing[i];
    all[40 + i] = kInnerLipRing[i];
    all[60 + i] = kInnerLips[i];
  }
  return all;
}();

/// Border of the mesh from the forehead's top, clockwise in the picture; the chin is 152.
inline constexpr std::array<std::uint16_t, 36> kFaceOval = {
    10,  338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58,  132, 93,  234, 127, 162, 21,  54,  103, 67,  109};
/// The part of kFaceOval that the jaw carries, from the person's right to left, chin in the middle.
inline constexpr std::array<std::uint16_t, 19> kJaw = {
    93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323};

/// Eye openings: outer corner, upper lid to the inner corner, lower lid back.
inline constexpr std::array<std::uint16_t, 16> kRightEye = {33,  246, 161, 160, 159, 158, 157, 173,
                                                            133, 155, 154, 153, 145, 144, 163, 7};
inline constexpr std::array<std::uint16_t, 16> kLeftEye = {263, 466, 388, 387, 386, 385, 384, 398,
                                                           362, 382, 381, 380, 374, 373, 390, 249};
/// Skin next to the lids, in the order of the eye contours (corner, above, corner, below).
inline constexpr std::array<std::uint16_t, 16> kRightLidSkin = {130, 247, 30, 29, 27, 28, 56,  190,
                                                                243, 112, 26, 22, 23, 24, 110, 25};
inline constexpr std::array<std::uint16_t, 16> kLeftLidSkin = {
    359, 467, 260, 259, 257, 258, 286, 414, 463, 341, 256, 252, 253, 254, 339, 255};

/// Brows: upper edge from outside to inside, then lower edge from outside to inside.
inline constexpr std::array<std::uint16_t, 10> kRightBrow = {70, 63, 105, 66, 107,
                                                             46, 53, 52,  65, 55};
inline constexpr std::array<std::uint16_t, 10> kLeftBrow = {300, 293, 334, 296, 336,
                                                            276, 283, 282, 295, 285};

/// Bridge, tip, wings and base of the nose: rigid in speech.
inline constexpr std::array<std::uint16_t, 90> kNose = {
    168, 6,   197, 195, 5,   4,   1,   19,  94,  2,   48,  115, 220, 45,  275, 440, 344, 278,
    98,  97,  326, 327, 64,  294, 240, 460, 99,  328, 75,  305, 60,  290, 166, 392, 59,  289,
    219, 439, 218, 438, 237, 457, 44,  274, 125, 354, 141, 370, 20,  250, 242, 462, 129, 358,
    49,  279, 131, 360, 134, 363, 51,  281, 3,   248, 196, 419, 174, 399, 236, 456, 198, 420,
    209, 429, 217, 437, 126, 355, 142, 371, 102, 331, 79,  309, 239, 459, 235, 455, 241, 461};

/// Irises: centre, then the ring at the picture's right, top, left, bottom (right eye) or its
/// mirror.
inline constexpr std::array<std::uint16_t, 5> kRightIris = {468, 469, 470, 471, 472};
inline constexpr std::array<std::uint16_t, 5> kLeftIris = {473, 474, 475, 476, 477};

/// Upper and lower inner lip around the middle; the mean distance in y is the mouth's opening.
inline constexpr std::array<std::pair<std::uint16_t, std::uint16_t>, 3> kLipGapPairs = {
    {{13, 14}, {82, 87}, {312, 317}}};

inline constexpr int kNoseTip = 4;

}  // namespace visema
