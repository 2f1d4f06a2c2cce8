#pragma once

#include "visema/core/time.h"

namespace visema::session {

/// IP-LAP sees windows of five instants, 1/25 s apart, whatever the output's frame rate is: steps
/// -2..2 around the beginning of a frame.
inline constexpr int kIplapFirstStep = -2;
inline constexpr int kIplapLastStep = 2;
inline constexpr int kIplapSteps = 25;  // a second

/// First of the 16 mel frames that belong to an instant: int(80 (f - 2) / 25) where f counts 25ths
/// of a second, and never less than 0, so that the first window serves what lies before it.
FrameIndex iplap_mel_start(FrameIndex frame, Rational fps, int step);

/// The instant as a frame of a finer rate, at least 0: exact for any rate.
struct IplapInstant {
  FrameIndex index = 0;
  Rational rate;
};
IplapInstant iplap_instant(FrameIndex frame, Rational fps, int step);

}  // namespace visema::session
