#pragma once

#include <filesystem>
#include <vector>

namespace visema::test {

/// What the weights say of several moments of one piece of sound at once: mel [M * 80], encoded
/// [M * kEncodedWidth] or empty, positions in mel frames, references [R * lower] -> [T * lower]
/// coefficients.
std::vector<float> lower_of_piece(const std::filesystem::path& weights, std::vector<float> mel,
                                  std::vector<float> encoded, std::vector<float> positions,
                                  std::vector<float> references);

}  // namespace visema::test
