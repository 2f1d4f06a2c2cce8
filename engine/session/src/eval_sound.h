#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "visema/models/sync_network.h"

namespace visema::session {

/// Facts about a sound that evaluation looks up by time, on the grid of kSyncFps moments a second.
struct SoundTrack {
  double duration_s = 0;             // of the whole, also where only its beginning was heard
  std::vector<float> gain;           // voice activity of each mel frame, 80 a second
  std::vector<float> loudness;       // of each grid moment, 0 (-60 dB or less) .. 1 (0 dB)
  std::vector<std::uint8_t> active;  // of each grid moment: speech around it
  std::vector<float> embeddings;     // of each grid moment, SyncNetwork::embed_speech

  std::size_t moments() const { return active.size(); }
  /// Voice activity at a time, 0 outside the sound.
  float gain_at(double time_s) const;
};

/// 16 kHz mono samples in any cuts to a SoundTrack. One thread at a time.
class SoundMeter {
 public:
  explicit SoundMeter(const SyncNetwork& network);
  ~SoundMeter();
  void push(std::span<const float> samples);
  SoundTrack finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace visema::session
