#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "ip_lap_faces.h"
#include "ip_lap_plain_renderer_torch.h"

namespace visema::training {

/// Samples on the device; faces are shrunk to `side` pixels, which rendering has 128 of.
struct IpLapRendererBatch {
  IpLapRendererBatch(IpLapFaceSamples samples, std::int64_t side, torch::Device device);

  IpLapPlainRenderer::Input input;  // its face is the answer
  std::vector<IpLapMouthBox> mouth;
};

}  // namespace visema::training
