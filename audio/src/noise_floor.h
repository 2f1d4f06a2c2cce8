#pragma once

#include <array>
#include <span>
#include <vector>

#include "visema/audio/mel.h"

namespace visema {

/// Neighbouring mel bands whose mean level is judged together.
inline constexpr int kGroupBands = 8;
inline constexpr int kGroups = kMelBands / kGroupBands;
using GroupLevels = std::array<float, kGroups>;  // dB

/// Follows the level of the background in ten groups of bands, frame by frame: the minimum of the
/// smoothed level over two seconds (Martin 2001, "Noise power spectral density estimation based on
/// optimal smoothing and minimum statistics"), sooner where the sound has been steady for half a
/// second, slower where it is tonal, since a held vowel is steady too.
class NoiseFloor {
 public:
  NoiseFloor();
  /// Levels of the next frame: 80 bands and the mean of each group. Returns the floor.
  const GroupLevels& update(std::span<const float> band_db, const GroupLevels& level_db);
  void reset();

 private:
  static constexpr int kHistoryFrames = 160;
  static constexpr int kSteadyFrames = 40;

  bool is_tonal() const;
  bool is_steady() const;
  const GroupLevels& past(int frames_ago) const;

  std::array<GroupLevels, kHistoryFrames> history_;  // smoothed levels, a ring
  int newest_ = 0;
  int seen_ = 0;
  std::array<float, kMelBands> bands_{};  // smoothed
  GroupLevels smoothed_{};
  GroupLevels floor_{};
};

}  // namespace visema
