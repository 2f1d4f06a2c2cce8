#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "ip_lap_clips.h"
#include "ip_lap_view.h"
#include "ip_lap_weights_torch.h"
#include "mouth_quality.h"

namespace visema::training {

/// What the landmark generator says of held-out mouths. In `speech` its poses are those of a face
/// at rest, so that, like ours, it knows speech and references alone; references are 15 frames of
/// the clip, or the rest face. In `told` the poses are those of the real frames in their own crops,
/// as its authors measure: the crops then tell how far the real jaw is down.
struct IpLapReport {
  SpeechReport speech;
  SpeechQuality told;
};

/// Measures on at most about `most_frames` frames, spread evenly over the clips.
IpLapReport validate(IpLapWeights& weights, const std::vector<IpLapClip>& clips, IpLapBoxOf box,
                     std::int64_t most_frames, torch::Device device);

}  // namespace visema::training
