#pragma once

#include <optional>
#include <span>
#include <vector>

#include "visema/evaluation/report.h"

namespace visema {

/// A mouth is open when its inner lips are further apart than this share of the face's width.
inline constexpr float kMouthOpen = 0.03F;

/// When a sound is silent: from its start to its end, wherever no speech is within 150 ms, since
/// real mouths close late and open early.
class SilentTimes {
 public:
  /// speech: voice activity 0..1 of mel frames, 80 a second.
  explicit SilentTimes(std::span<const float> speech);
  /// On the sound's clock.
  bool contains(double time_s) const;

 private:
  std::vector<bool> silent_;  // of each mel frame
};

struct SilenceResult {
  std::optional<double> open_percent;  // nothing when there is too little silence
  double seconds = 0;                  // of silence with a visible mouth
};

/// silence.*: frames with an open mouth while the sound is silent. speech: as for SilentTimes.
SilenceResult measure_silence(std::span<const float> speech, const Curve& openness);

}  // namespace visema
