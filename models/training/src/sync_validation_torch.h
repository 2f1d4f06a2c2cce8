#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sync_data.h"
#include "sync_model_torch.h"
#include "visema/models/sync_network.h"

namespace visema::training {

/// Frames of a clip that is long enough for an offset of its own.
inline constexpr std::int64_t kLongFrames = 2 * kSyncFps - 1;

/// How well the network judges clips of persons that it has never seen. Distances averaged over the
/// clip, shifts of -15..15 frames; offsets of clips of at least two seconds.
struct SyncQuality {
  double within_one = 0;   // share of clips whose best shift lies within one frame of 0
  double auc = 0;          // own against another clip's sound, by the confidence
  double auc_short = 0;    // the same of the clips under two seconds
  double window_top1 = 0;  // share of speaking windows whose best shift lies within one frame
  double confidence = 0;   // mean over clips
  std::int64_t clips = 0;

  double score() const { return within_one + auc + auc_short + window_top1; }
};

/// Moments of the grid that lie in the clip's sound.
std::int64_t sound_moments(const SyncClip& clip);

/// Embeddings of the moments [0, count) of the grid; silence lies around the sound. On the CPU.
torch::Tensor embed_speech(SyncModel& model, const SyncClip& clip, std::int64_t count,
                           const torch::Device& device);

/// Mean distance per shift -15..15 of one video and one sound, and over how many windows. A shift s
/// pairs the mouth of moment t with the sound of moment t + s.
struct ShiftCurve {
  std::vector<double> distance;
  std::int64_t windows = 0;
  std::int64_t best_windows = 0;  // windows whose best shift lies within one frame of 0

  int best() const;
  /// best() to a part of a frame, by a parabola through it and its neighbours.
  double refined() const;
  double confidence() const;  // median - least
};

ShiftCurve compare(SyncModel& model, const SyncClip& video, const SyncClip& sound,
                   const torch::Device& device);

/// Frames by which the sound is late, where the curve dips clearly enough and not too far away.
std::optional<double> sure_offset(const ShiftCurve& curve);

/// Sets the offset of each clip of at least two seconds to where the network finds its sound, where
/// it is sure enough: footage off the net is often some frames out of sync. Returns how many clips
/// were moved by half a frame or more.
std::int64_t align(SyncModel& model, std::vector<SyncClip>& clips, const torch::Device& device);

SyncQuality validate(SyncModel& model, const std::vector<SyncClip>& clips,
                     const torch::Device& device);

}  // namespace visema::training
