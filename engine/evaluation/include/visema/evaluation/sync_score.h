#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "visema/evaluation/report.h"

namespace visema {

/// Shifts of the sound that are tried: -15..15 frames at 25 a second (Chung and Zisserman 2016).
inline constexpr int kSyncShifts = 15;
inline constexpr std::size_t kSyncShiftCount = 2 * kSyncShifts + 1;

/// A video whose sync.margin is less is not in sync at any shift (measured: docs/quality.md).
inline constexpr double kInSyncMargin = 0.08;

/// Distances of one window of mouth pictures to the sound at each shift: element s + 15 belongs to
/// the sound that comes s frames later than the mouth. NaN where there is no sound.
using ShiftDistances = std::array<float, kSyncShiftCount>;

/// sync.*: how well mouth and sound fit over a video. Keeps 132 bytes a window.
class SyncScore {
 public:
  /// temperature: divides the product of two embeddings, as kSyncTemperature does.
  explicit SyncScore(double temperature) : temperature_(temperature) {}

  /// Windows of speech with a visible mouth, in order of time; distances of vectors of length 1.
  /// background: ln of the mean of exp(product / temperature) of the mouth and unrelated sounds.
  void push(double time_s, const ShiftDistances& distances, float background);

  struct Result {
    /// Over windows, by shift; a shift that few windows have: the largest.
    std::vector<double> mean;
    /// The same after each moment of the sound has lost its mean over all mouths that met it.
    std::vector<double> centred_mean;
    int offset_frames = 0;  // of the least centred mean; above 0: the sound comes late
    double distance = 0;    // the mean at the offset
    double confidence = 0;  // median of the means minus the least, as SyncNet has it
    double margin = 0;      // median of the centred means minus the least
    /// By how much, in nats a window at its best shift, a sound is likelier to go with its mouth
    /// than unrelated speech, and its mouth than the other mouths of the video: the lesser of both.
    double evidence = 0;
    /// Windows whose surroundings (1 s) lie within one frame; of those with eight windows around.
    std::optional<double> in_sync_percent;
    std::optional<double> drift_ms_per_min;  // nothing under three pieces of speech
    Curve offset;                            // best shift of each window's surroundings
    std::int64_t windows = 0;
  };
  /// Nothing when there are fewer than kFewestWindows.
  std::optional<Result> result() const;

  static constexpr std::size_t kFewestWindows = 10;

 private:
  struct Window {
    float time_s = 0;
    ShiftDistances distances{};
    float background = 0;
  };
  std::vector<Window> centred() const;
  double evidence() const;

  double temperature_;
  std::vector<Window> windows_;
};

}  // namespace visema
