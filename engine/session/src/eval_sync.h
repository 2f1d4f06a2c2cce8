#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "eval_sound.h"
#include "visema/core/landmark_frame.h"
#include "visema/evaluation/sync_score.h"
#include "visema/models/sync_network.h"

namespace visema::session {

/// Slower videos have no frame near enough to each moment.
inline constexpr double kSyncLeastFps = 8;

/// What the sync network sees of one frame.
struct MouthView {
  std::vector<std::uint8_t> crop;  // kSyncCrop^2 luma
  std::vector<float> points;       // kSyncPoints * 2
};

/// Frames of kSyncLeastFps and more to sync.*: takes the frame nearest to each moment of the 25
/// frames a second grid, embeds the windows in which the mouth is always seen and somebody speaks,
/// and compares them with the sound. Network and sound must outlive it.
class SyncMeter {
 public:
  /// fps: of the frames.
  SyncMeter(const SyncNetwork& network, const SoundTrack& sound, double fps);

  /// Frames in order, times on the sound's clock; nothing when there is no face.
  void push(double time_s, std::optional<MouthView> mouth);
  void finish();
  std::optional<SyncScore::Result> result() const { return score_.result(); }

 private:
  struct Frame {
    double time_s = 0;
    std::optional<MouthView> mouth;
  };
  void put(const Frame& frame);
  void embed();
  void compare(std::int64_t moment, const float* mouth, float background);

  const SyncNetwork& network_;
  const SoundTrack& sound_;
  double reach_s_;  // from a moment to its frame
  SyncScore score_{kSyncTemperature};
  std::optional<Frame> last_;
  std::int64_t next_moment_ = 0;   // of the grid, to be given a frame
  std::int64_t first_moment_ = 0;  // of the run below
  std::int64_t run_ = 0;           // moments in a row with a mouth, kept below
  std::vector<std::uint8_t> crops_;
  std::vector<float> points_;
};

}  // namespace visema::session
