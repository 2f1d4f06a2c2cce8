#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pack_reader.h"

namespace visema::training {

/// A clip with its own sound on the 25 frames a second grid of the sync network.
struct SyncClip {
  std::string id;
  std::string source;
  std::string person;
  double weight = 1;
  double offset = 0;                 // frames by which the sound is late
  std::vector<std::uint8_t> mouth;   // T * 48 * 48
  std::vector<float> points;         // T * 59 * 2
  std::vector<std::uint8_t> valid;   // T: the face was tracked
  std::vector<float> mel;            // M * 80
  std::vector<std::uint8_t> active;  // M

  std::int64_t frames() const { return static_cast<std::int64_t>(valid.size()); }
  std::int64_t mel_frames() const { return static_cast<std::int64_t>(active.size()); }
};

/// The clips of one split that have their own sound. Frames of other rates are taken by the nearest
/// time; clips without mouth crops (packs of older versions) throw Error(kInput).
std::vector<SyncClip> load_sync_clips(PackReader& pack, bool training);

/// Minutes of grid frames in all clips together.
double minutes_of(const std::vector<SyncClip>& clips);

}  // namespace visema::training
