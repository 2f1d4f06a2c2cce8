#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace visema::session {

/// The grey picture that holds an RGB crop: its luma, and below it the two chroma planes at half
/// the size side by side (JFIF: full range, BT.601). So what a decoder thinks of colour matrices
/// does not matter. width * height * 3 bytes -> width * (height + height / 2); sides are even.
std::vector<std::uint8_t> colour_planes(std::span<const std::uint8_t> rgb, int width, int height);

/// Grey pictures in a row, width * height bytes each, as an H.264 file's bytes (mp4). `scratch`: a
/// file that may be written and is gone afterwards.
std::vector<std::byte> encode_grey(std::span<const std::uint8_t> pictures, int width, int height,
                                   int crf, const std::filesystem::path& scratch);

}  // namespace visema::session
