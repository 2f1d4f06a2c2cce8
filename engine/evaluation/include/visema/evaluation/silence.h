#pragma once

#include <optional>
#include <span>

#include "visema/evaluation/report.h"

namespace visema {

/// A mouth is open when its inner lips are further apart than this share of the face's width.
inline constexpr float kMouthOpen = 0.03F;

struct SilenceResult {
  std::optional<double> open_percent;  // nothing when there is too little silence
  double seconds = 0;                  // of silence with a visible mouth
  double worst_time_s = 0;             // widest open frame
  double worst = 0;
};

/// silence.*: frames with an open mouth while the sound is silent. speech: voice activity 0..1 of
/// mel frames, 80 a second. Frames within 150 ms of speech do not count, since real mouths close
/// late and open early.
SilenceResult measure_silence(std::span<const float> speech, const Curve& openness);

}  // namespace visema
