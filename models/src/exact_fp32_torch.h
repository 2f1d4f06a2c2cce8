#pragma once

#include <ATen/Context.h>

#include "visema/models/compute.h"

namespace visema {

/// Where fp32 on CUDA is asked for, it is meant: LibTorch lets cuDNN round what convolutions read
/// to the ten bits of TF32 by default, an error of about 1e-3. Holds for the whole process.
inline void keep_fp32_exact(const Compute& compute) {
  if (compute.device == Device::kCuda && compute.precision == Precision::kFloat)
    at::globalContext().setAllowTF32CuDNN(false);
}

}  // namespace visema
