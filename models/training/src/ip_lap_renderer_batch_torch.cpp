#include "ip_lap_renderer_batch_torch.h"

#include <utility>

#include "visema/models/ip_lap_landmark_network.h"

namespace visema::training {

IpLapRendererBatch::IpLapRendererBatch(IpLapFaceSamples samples, std::int64_t side,
                                       torch::Device device)
    : mouth(std::move(samples.mouth)) {
  const std::int64_t count = samples.count;
  const auto pictures = [&](std::vector<float>& values) {
    torch::Tensor all = torch::from_blob(values.data(),
                                         {static_cast<std::int64_t>(values.size() / kIpLapPlanes),
                                          3, kIpLapFaceSide, kIpLapFaceSide},
                                         torch::kFloat);
    if (side != kIpLapFaceSide) all = torch::adaptive_avg_pool2d(all, {side, side});
    return all.clone().to(device).view({count, -1, 3, side, side});
  };
  input.face = pictures(samples.face).squeeze(1);
  input.sketches = pictures(samples.sketches);
  input.pictures = pictures(samples.pictures);
  input.picture_sketches = pictures(samples.picture_sketches);
  input.mel =
      torch::from_blob(samples.mel.data(), {count, kIpLapMelBands, kIpLapMelFrames}, torch::kFloat)
          .clone()
          .to(device);
}

}  // namespace visema::training
