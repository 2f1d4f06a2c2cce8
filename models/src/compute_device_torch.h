#pragma once

#include <torch/torch.h>

#include "visema/models/compute.h"

namespace visema {

inline torch::Device torch_device(const Compute& compute) {
  return compute.device == Device::kCuda ? torch::Device(torch::kCUDA) : torch::Device(torch::kCPU);
}

}  // namespace visema
