#pragma once

#include <cstdint>
#include <memory>

#include "visema/core/landmark_frame.h"

namespace visema {

/// The lids' way from the rest face: closure 0 as at rest, 1 shut; the upper lid comes down along
/// the eye's contour, the lower one meets it, the skin beside them follows.
FaceMesh blink_offset(const FaceMesh& rest, float closure);

struct LifeOptions {
  bool head = true;
  bool blink = true;
  bool gaze = true;
};

/// Seeded life of a portrait: blinks (intervals log-normal, 3.5 s in the mean, 150-250 ms each),
/// slow head sway (peaks about 1.5, 2 and 1 degrees in pitch, yaw and roll, below 0.6 Hz), nods
/// that grow with speech, gaze shifts of at most 0.02 units. At time 0 all is zero, so that the
/// first frame is the portrait. The result depends on seed, rest face, time and speech level alone:
/// not on the frame rate nor on what was asked before. One thread at a time; cheapest when time
/// goes forward.
class LifeMotion {
 public:
  LifeMotion(std::uint64_t seed, const FaceMesh& rest, LifeOptions options = {});
  ~LifeMotion();
  LifeMotion(LifeMotion&&) noexcept;
  LifeMotion& operator=(LifeMotion&&) noexcept;

  /// `speech_level` 0 silent .. 1 speaking, already smooth in time (SpeechLevel).
  FaceMotion at(FrameIndex index, double time_s, float speech_level = 0);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Voice activity made smooth: two equal poles of 0.2 s, fed at a fixed step such as the mel
/// frame's.
class SpeechLevel {
 public:
  explicit SpeechLevel(double step_s = 0.0125);
  /// Takes the activity (0..1) of the next step and returns the level after it.
  float push(float activity);
  float level() const { return static_cast<float>(second_); }
  void reset() { first_ = second_ = 0; }

 private:
  double keep_;
  double first_ = 0;
  double second_ = 0;
};

}  // namespace visema
