#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "eval_sound.h"
#include "pack_writer.h"
#include "visema/core/image.h"
#include "visema/models/sync_network.h"
#include "visema/session/prepare.h"

namespace visema::session {

/// Root mean square of the Laplacian of the mouth's smoothed luma over the luma's standard
/// deviation: what share of the contrast is fine. Neither light nor size of the face change it. Of
/// a face crop (renderer/face_crop.h).
double sharpness_of(const Image& crop);

/// Do mouth and sound of a clip belong together? One thread at a time.
class ClipSync {
 public:
  /// `weights`: the project's own sync network.
  explicit ClipSync(const std::filesystem::path& weights);

  void begin() { sound_.emplace(network_); }
  /// All of the sound after begin(): 16 kHz mono, in order.
  void push(std::span<const float> samples) { sound_->push(samples); }
  /// After the sound: fps, time_s, mesh, valid and mouths of the clip. Nothing where there is less
  /// than half a second of speech with a visible mouth, or fewer than kSyncLeastFps frames a
  /// second.
  std::optional<SyncFacts> measure(const ClipData& clip);

 private:
  SyncNetwork network_;
  std::optional<SoundMeter> sound_;
};

/// Why a clip must not be in the pack; empty: it may. Looks at tracked_share, face_px, sharpness.
std::string why_dropped(const ClipQuality& quality, const ClipLimits& limits);
/// Why a clip's sound must not be in the pack; empty: it may.
std::string why_silenced(const ClipQuality& quality, const ClipLimits& limits);

}  // namespace visema::session
