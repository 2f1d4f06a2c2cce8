#pragma once

#include <memory>
#include <span>

#include "visema/core/time.h"

namespace visema {

inline constexpr int kMfccs = 13;
inline constexpr int kMfccWindowSamples = 400;
inline constexpr int kMfccHopSamples = 160;

/// Speech at 16 kHz mono to frames of 13 mel-frequency cepstral coefficients, 100 frames a second,
/// with the settings that the published SyncNet was trained on (defaults of
/// python_speech_features): samples as 16-bit integers, pre-emphasis 0.97, rectangular window of
/// 25 ms, power spectrum over 512 points, 26 triangles on O'Shaughnessy's mel scale (1987) over
/// 0..8000 Hz, log, orthonormal DCT-II, lifter 22, the first coefficient replaced by the log
/// energy. Frame k begins with sample 160 k; a stream of n > 0 samples has 1 + ceil((n - 400) /
/// 160) frames, at least one; silence follows the last sample. The frames do not depend on how the
/// samples were cut. Samples that are not finite count as zero. One thread at a time.
class Mfcc {
 public:
  Mfcc();
  ~Mfcc();
  Mfcc(Mfcc&&) noexcept;
  Mfcc& operator=(Mfcc&&) noexcept;

  /// Samples in -1..1; what lies outside is clipped.
  void push(std::span<const float> samples);
  /// No more samples follow: the last frames become ready.
  void finish();
  /// Back to an empty stream.
  void reset();

  /// Frames [0, frames_ready()) are known.
  FrameIndex frames_ready() const;
  /// Frames [first, first + count) to out[count * 13]; they must be ready and not dropped.
  void copy(FrameIndex first, FrameIndex count, float* out) const;
  /// Frees the frames before `frame`.
  void drop_before(FrameIndex frame);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
