#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ip_lap_faces.h"
#include "ip_lap_weights_torch.h"
#include "perceptual_loss_torch.h"

namespace visema::training {

struct IpLapRendererCheck {
  std::int64_t faces = 16;      // to measure on
  std::int64_t references = 3;  // of each
  std::int64_t side = kIpLapFaceSide;
  const PerceptualLoss* perceptual = nullptr;  // none: not measured
};

/// How far painted faces of held-out persons are from the real ones; the same faces every time.
/// Colours are 0..1; `mouth_*` within the box of the real lips (IpLapMouthBox), mean over faces.
///
///     l1, mouth_l1        mean absolute difference
///     mouth_psnr          dB
///     warp_mouth_l1       of the warped references
///     reference_mouth_l1  of one reference as it is: what no network gives
///     perceptual          PerceptualLoss, where there is one
std::vector<std::pair<std::string, double>> validate(IpLapWeights& weights,
                                                     const std::vector<IpLapFaceClip>& held_out,
                                                     const IpLapRendererCheck& check,
                                                     torch::Device device);

}  // namespace visema::training
