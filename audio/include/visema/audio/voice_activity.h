#pragma once

#include <memory>
#include <span>

#include "visema/core/time.h"

namespace visema {

/// Log-mel frames of LogMel to a speech gain 0 (silence, steady noise) .. 1 (speech) per frame.
/// Looks two frames (25 ms, with the mel window 50 ms) ahead; opens at once, closes 120 ms after
/// the last speech and then within 100 ms. Noise counts as silence once it was steady for about a
/// second; in doubt it is speech. The gains do not depend on how the frames were cut. Energy and
/// tonality against a noise floor by minimum statistics (Martin 2001). One thread at a time.
class VoiceActivity {
 public:
  VoiceActivity();
  ~VoiceActivity();
  VoiceActivity(VoiceActivity&&) noexcept;
  VoiceActivity& operator=(VoiceActivity&&) noexcept;

  /// count * 80 values, the frames that follow those pushed before.
  void push(std::span<const float> mel_frames);
  /// No more frames follow: the last gains become ready.
  void finish();
  /// Back to an empty stream.
  void reset();

  /// Gains [0, frames_ready()) are known.
  FrameIndex frames_ready() const;
  /// Gains [first, first + count). Outside the stream they read as 0; the others must be ready and
  /// not dropped.
  void copy(FrameIndex first, FrameIndex count, float* out) const;
  /// Frees the gains before `frame`.
  void drop_before(FrameIndex frame);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace visema
