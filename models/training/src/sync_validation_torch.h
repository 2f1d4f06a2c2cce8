#pragma once

#include <cstdint>
#include <vector>

#include "sync_data.h"
#include "sync_model_torch.h"

namespace visema::training {

/// How well the network judges clips of persons that it has never seen. Clips of at least two
/// seconds, distances averaged over the clip, shifts of -15..15 frames.
struct SyncQuality {
  double within_one = 0;   // share of clips whose best shift lies within one frame of 0
  double auc = 0;          // own against another clip's sound, by the clip's sync score
  double auc_short = 0;    // the same of the clips under two seconds
  double window_top1 = 0;  // share of speaking windows whose best shift lies within one frame
  double confidence = 0;   // mean over clips
  std::int64_t clips = 0;

  double score() const { return within_one + auc + auc_short + window_top1; }
};

/// Mean distance per shift -15..15 of one video and one sound, and over how many windows. A shift s
/// pairs the mouth of moment t with the sound of moment t + s.
struct ShiftCurve {
  std::vector<double> distance;
  std::int64_t windows = 0;
  std::int64_t best_windows = 0;  // windows whose best shift lies within one frame of 0

  int best() const;
  double confidence() const;  // median - least
  /// Median minus the least within one frame of 0: high when the clip is in sync.
  double score() const;
};

ShiftCurve compare(SyncModel& model, const SyncClip& video, const SyncClip& sound,
                   const torch::Device& device);

SyncQuality validate(SyncModel& model, const std::vector<SyncClip>& clips,
                     const torch::Device& device);

}  // namespace visema::training
