#pragma once

#include "latency_meter.h"
#include "live_ear.h"

namespace visema::session {

/// Where a live run stands.
struct LiveFigures {
  std::int64_t frames = 0;    // that left, each with its sound
  std::int64_t rendered = 0;  // pictures that were made
  std::int64_t repeated = 0;  // frames that left with an older picture
  std::int64_t dropped = 0;   // pictures that were left out, or made and not shown
  double seconds = 0;         // of sound that left
  EarStatistics ear;
  std::size_t pictures_waiting = 0;
  LatencyFigures speech;   // hearing the last sample that a frame needs -> its motion
  LatencyFigures render;   // motion to picture, without waiting
  LatencyFigures needed;   // hearing the last sample that a frame needs -> the frame leaves
  LatencyFigures delay;    // hearing the first sample of a frame -> the frame leaves
  LatencyFigures closing;  // stop -> the first picture with a closing mouth leaves the renderer
};

}  // namespace visema::session
