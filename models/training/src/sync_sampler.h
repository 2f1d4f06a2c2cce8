#pragma once

#include <cstdint>
#include <vector>

#include "sync_data.h"

namespace visema::training {

/// Pieces of clips that go through the network together: T frames of video each, and the sound of
/// the T - window + 1 moments that have an embedding.
struct SyncSamples {
  std::int64_t count = 0;
  std::int64_t frames = 0;             // T
  std::int64_t mel_frames = 0;         // of a piece
  std::vector<std::uint8_t> pictures;  // count * T * 44 * 44
  std::vector<float> points;           // count * T * 59 * 2
  std::vector<float> mel;              // count * mel_frames * 80
  std::vector<float> positions;        // count * moments, in mel frames of the piece
  std::vector<float> weight;           // count * moments: 0 where the face was lost, little in
                                       // silence
};

/// Draws augmented pieces out of clips, which must outlive it. May be called from any thread.
class SyncSampler {
 public:
  SyncSampler(const std::vector<SyncClip>& clips, std::int64_t window, std::uint64_t seed);

  /// Video frames of a piece.
  static constexpr std::int64_t kFrames = 28;

  bool empty() const { return starts_.empty(); }
  /// `count` pieces; depends on seed and step alone.
  SyncSamples draw(std::int64_t step, std::int64_t count) const;

 private:
  struct Start {
    std::size_t clip = 0;
    std::int64_t most = 0;  // pieces may start at 0..most
  };

  const std::vector<SyncClip>& clips_;
  std::int64_t window_;
  std::uint64_t seed_;
  std::vector<Start> starts_;
  std::vector<double> reach_;  // running sum of weights
};

}  // namespace visema::training
