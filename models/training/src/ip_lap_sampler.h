#pragma once

#include <cstdint>
#include <vector>

#include "ip_lap_clips.h"
#include "ip_lap_view.h"
#include "random.h"

namespace visema::training {

/// Windows of five instants that the landmark generator learns from, row major.
struct IpLapSamples {
  std::int64_t count = 0;
  std::vector<float> mels;               // count * [5, 80, 16]
  std::vector<float> poses;              // count * [5, 2, 74]
  std::vector<float> reference_poses;    // count * [15, 2, 74]
  std::vector<float> reference_content;  // count * [15, 2, 57]
  std::vector<float> content;            // count * [5, 2, 57], targets
};

struct IpLapSampling {
  std::uint64_t seed = 1;
  double head_turn_deg = 12;  // the pack's faces look straight ahead; 0: leave them so
  IpLapBoxOf box = IpLapBoxOf::kOwn;
};

/// Draws windows, 1/25 s from instant to instant, and the references, 15 frames of the same clip at
/// random, out of clips that must outlive it. May be called from any thread.
class IpLapSampler {
 public:
  IpLapSampler(const std::vector<IpLapClip>& clips, const IpLapSampling& sampling);

  /// Depends on clips, sampling and step alone. Throws Error(kInput) when no clip has a window.
  IpLapSamples draw(std::int64_t step, std::int64_t count) const;

 private:
  struct Source {
    const IpLapClip* clip;
    std::vector<std::size_t> frames;  // at which a whole window was tracked
  };
  void draw_window(const Source& source, Random& random, std::int64_t row, IpLapSamples& out) const;
  const IpLapFace& draw_reference(const IpLapClip& clip, double t, Random& random) const;

  const IpLapSampling sampling_;
  std::vector<Source> sources_;
  std::vector<double> reach_;  // running sum of their weights
};

}  // namespace visema::training
