#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "visema/core/time.h"

namespace visema {

inline constexpr const char* kEncoderName = "visema-speech-encoder";
inline constexpr const char* kEncoderVersion = "1";
inline constexpr int kEncoderLayers = 4;
inline constexpr int kEncodedWidth = 288;
/// Samples at 16 kHz from the middle of one row of features to the next: 24 ms.
inline constexpr int kEncodedHop = 384;
/// Samples before and after the middle of a row that its convolutions see.
inline constexpr int kEncodedReach = 447;

/// Samples that `rows` rows of features see.
constexpr std::int64_t samples_of_rows(std::int64_t rows) {
  return (rows - 1) * kEncodedHop + 2 * kEncodedReach + 1;
}

/// The first layers of the encoder of a speech recogniser, Moonshine tiny (Jeffries et al. 2024):
/// three convolutions over the waveform and transformer layers in which every row looks at all
/// others. Trained by its makers on far more speech than any talking faces have, so what it says of
/// a sound depends little on who speaks. Runs in fp32 on one thread; any number of threads may call
/// encode() at the same time.
class SpeechEncoder {
 public:
  /// models/speech_encoder.safetensors. Throws Error(kModel) that names the file and the tensor.
  explicit SpeechEncoder(const std::filesystem::path& path);
  ~SpeechEncoder();
  SpeechEncoder(SpeechEncoder&&) noexcept;
  SpeechEncoder& operator=(SpeechEncoder&&) noexcept;

  /// samples: samples_of_rows(n) at 16 kHz, -1..1; to [n * kEncodedWidth], row i around sample
  /// kEncodedReach + i kEncodedHop. Loudness is taken out over all of them,
  /// all but what tanh bends of loud sounds. n > 0.
  std::vector<float> encode(std::span<const float> samples) const;

  /// SHA-256 of the file.
  const std::string& sha256() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
