#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "visema/core/time.h"

namespace visema {

inline constexpr int kSpeechRateHz = 16000;
inline constexpr int kMelBands = 80;
inline constexpr int kMelWindowSamples = 800;
inline constexpr int kMelHopSamples = 200;
/// Value of every band in digital silence, the lower end of the range -4..4.
inline constexpr float kMelSilence = -4.0F;

/// What lies before the first and after the last sample. Streams use silence; reflection is what
/// older librosa did.
enum class MelPadding { kSilence, kReflect };

/// Speech at 16 kHz mono to log-mel frames of 80 bands in -4..4, 80 frames a second, with the
/// settings of Wav2Lip (Prajwal et al. 2020) and IP-LAP (Zhong et al. 2023): pre-emphasis 0.97,
/// periodic Hann window, magnitude, Slaney mel scale 55..7600 Hz, 100 dB range.
/// Frame k is centred on sample 200 k; a stream of n > 0 samples has n / 200 + 1 frames. The frames
/// do not depend on how the samples were cut. Samples that are not finite count as zero.
/// One thread at a time.
class LogMel {
 public:
  explicit LogMel(MelPadding padding = MelPadding::kSilence);
  ~LogMel();
  LogMel(LogMel&&) noexcept;
  LogMel& operator=(LogMel&&) noexcept;

  void push(std::span<const float> samples);
  /// No more samples follow: the last frames become ready.
  void finish();
  /// Back to an empty stream.
  void reset();

  /// Frames [0, frames_ready()) are known.
  FrameIndex frames_ready() const;
  /// Frames [first, first + count) to out[count * 80]. Frames before the start, and after the end
  /// once finished, read as silence; the others must be ready and not dropped.
  void copy(FrameIndex first, FrameIndex count, float* out) const;
  /// Frees the frames before `frame`.
  void drop_before(FrameIndex frame);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The mel filterbank [80, 401]: area-normalised triangles over the bins 0, 20, .. 8000 Hz.
std::vector<float> mel_filterbank();

}  // namespace visema
