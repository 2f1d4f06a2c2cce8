#pragma once

#include <span>

#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"

namespace visema {

/// A face as SyncNet's pipeline describes it: middle and half of the longer side of its box,
/// pixels.
struct SyncnetFace {
  float x = 0;
  float y = 0;
  float half = 0;
};

/// The box is the mesh's extent; the authors take the one of the S3FD detector (Zhang et al. 2017).
SyncnetFace syncnet_face(const FaceMesh& px);

/// Median of each number, against trembling boxes. At least one face.
SyncnetFace median(std::span<const SyncnetFace> faces);

/// The 224 x 224 picture that SyncNet looks at, with the crop scale 0.4 of run_pipeline.py: 2.8
/// half sides wide and high, from one half side above the middle to 1.8 below. The border repeats.
Image syncnet_crop(const Image& picture, const SyncnetFace& face);

}  // namespace visema
