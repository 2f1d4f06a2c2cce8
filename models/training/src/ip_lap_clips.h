#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pack_reader.h"
#include "visema/core/iplap_points.h"

namespace visema::training {

/// IP-LAP's 131 points of a face in the canonical frame.
using IpLapFace = std::array<Point3, kIplapPoints>;

/// A clip with its own sound, as IP-LAP's landmark generator sees it.
struct IpLapClip {
  std::string id;
  std::string source;
  double weight = 1;
  std::vector<float> mel;           // M * 80
  std::vector<float> time_s;        // T
  std::vector<std::uint8_t> valid;  // T
  std::vector<IpLapFace> faces;     // T
  IpLapFace rest{};

  std::int64_t frames() const { return static_cast<std::int64_t>(time_s.size()); }
  std::int64_t mel_frames() const { return static_cast<std::int64_t>(mel.size()) / 80; }
  double seconds() const { return static_cast<double>(mel_frames()) / 80; }

  /// The face at any time between two frames that were tracked, linear between them.
  std::optional<IpLapFace> face_at(double t) const;
};

/// First of the 16 mel frames that belong to a time: int(80 (f - 2) / 25) where f counts 25ths of a
/// second, within the clip. `mel`: [M, 80], at least 16 frames.
std::int64_t mel_window_start(double t, const std::vector<float>& mel);
/// [80, 16], band by band.
void copy_mel_window(const std::vector<float>& mel, std::int64_t start, float* window);

/// The clips of one split that have their own sound, without those too short for a window.
std::vector<IpLapClip> load_ip_lap_clips(PackReader& pack, bool training);

/// Opening of the inner lips: mean distance of their edges downwards.
float lip_gap(const IpLapFace& face);
/// The frames that rendering takes as references of a clip, closed to open: `wanted` of those with
/// a face, evenly spread by the distance of the lips' outer edges; some repeat in short clips.
std::vector<std::size_t> spread_references(const IpLapClip& clip, int wanted);

}  // namespace visema::training
