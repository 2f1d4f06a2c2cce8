#pragma once

#include <filesystem>
#include <vector>

namespace visema::test {

/// What the trainable formulation of the landmark generator says, [5, 2, 57]; inputs as
/// IpLapSpeech.
std::vector<float> plain_landmarks(const std::filesystem::path& weights, std::vector<float> mels,
                                   std::vector<float> poses, std::vector<float> reference_poses,
                                   std::vector<float> reference_content);

}  // namespace visema::test
