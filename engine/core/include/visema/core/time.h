#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace visema {

/// Absolute position of an audio sample (per channel) from the start of the stream.
using SampleIndex = std::int64_t;
/// Absolute position of a video frame from the start of the stream.
using FrameIndex = std::int64_t;

/// Positive fraction, for frame rates: 30000/1001 frames a second.
struct Rational {
  std::int64_t num = 25;
  std::int64_t den = 1;
  double value() const { return static_cast<double>(num) / static_cast<double>(den); }
  friend bool operator==(const Rational&, const Rational&) = default;
};

/// "25", "29.97" (as 2997/100), "30000/1001". Throws Error(kUsage) outside 1..240 frames a second.
Rational parse_frame_rate(std::string_view text);
std::string to_string(Rational rate);

/// First sample of frame f: round(f * rate_hz * den / num), halves up, exact in 64 bits for days.
SampleIndex frame_start(FrameIndex frame, std::int64_t rate_hz, Rational fps);

/// Frames whose start lies before the end of `samples` samples of sound: the count that covers it.
FrameIndex frames_covering(SampleIndex samples, std::int64_t rate_hz, Rational fps);

/// Frame shown at a sample: the last one that starts at or before it.
FrameIndex frame_at(SampleIndex sample, std::int64_t rate_hz, Rational fps);

}  // namespace visema
