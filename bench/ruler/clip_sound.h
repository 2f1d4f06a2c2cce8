#pragma once

#include <filesystem>
#include <vector>

namespace visema::ruler {

inline constexpr int kRate = 16000;

/// A clip's sound, 16 kHz mono, so that its first sample belongs to the first frame.
std::vector<float> read_sound(const std::filesystem::path& clip);

/// The sound `frames` frames of 40 ms later; silence comes before it. Below 0: earlier.
std::vector<float> shifted(const std::vector<float>& sound, int frames);

/// With white noise, the sound's mean power over the noise's in dB.
std::vector<float> noisy(const std::vector<float>& sound, double snr_db);

/// 16-bit WAV.
void write_sound(const std::filesystem::path& path, const std::vector<float>& sound);

}  // namespace visema::ruler
