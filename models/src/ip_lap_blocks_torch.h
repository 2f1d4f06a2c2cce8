#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "ip_lap_encoder_torch.h"
#include "visema/models/compute.h"
#include "visema/models/tensor_file.h"
#include "winograd_kernel.h"

namespace visema {

/// Where and how the renderer's layers run. All pictures are channels last.
struct IpLapPlace {
  explicit IpLapPlace(const Compute& compute);
  torch::Device device;
  torch::ScalarType type;
  bool own_kernels;  // fp32 on the CPU
};

/// A convolution whose padding keeps the size, or halves it (stride 2).
class IpLapConvolution {
 public:
  IpLapConvolution() = default;
  IpLapConvolution(IpLapFolded layer, const IpLapPlace& place, int stride = 1);
  torch::Tensor forward(const torch::Tensor& x) const;

 private:
  torch::Tensor weight_, bias_;
  std::int64_t outs_ = 0;
  int stride_ = 1;
  std::shared_ptr<const WinogradKernel> winograd_;
};
/// NAME.weight and NAME.bias, where there is one.
IpLapFolded read_ip_lap_layer(const TensorFile& file, const std::string& name,
                              const std::vector<std::int64_t>& shape);

/// Planes that modulate -> 1 + gamma and beta of a SPADE layer, [N, 2C, H, W]. The published layer
/// is two convolutions with nothing between them. With few planes one of 5x5 is far cheaper; where
/// the first one's output ended, at the border, it takes off what lay beyond.
class IpLapModulator {
 public:
  IpLapModulator(const TensorFile& file, const std::string& name, std::int64_t channels,
                 std::int64_t planes, const IpLapPlace& place);
  torch::Tensor forward(const torch::Tensor& planes) const;

 private:
  void compose(const IpLapFolded& first, const IpLapFolded& second, const IpLapPlace& place);
  void correct_border(const torch::Tensor& planes, torch::Tensor& maps) const;

  IpLapConvolution first_, second_;  // two steps
  IpLapConvolution whole_;           // one step
  IpLapFolded top_, bottom_, left_, right_;
  IpLapFolded corners_[4];  // top left, top right, bottom left, bottom right
  bool composed_;
};

/// leaky(instance_norm(x) * (1 + gamma) + beta); maps [1, 2C, H, W], or [1, 2C, 1, 1] for all
/// pixels.
torch::Tensor ip_lap_modulated(const torch::Tensor& x, const torch::Tensor& maps,
                               const IpLapPlace& place);

/// Twice: modulate, then convolve.
class IpLapPair {
 public:
  IpLapPair(const TensorFile& file, const std::string& name, std::int64_t channels,
            const IpLapPlace& place);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& first_maps,
                        const torch::Tensor& second_maps) const;

 private:
  IpLapPlace place_;
  IpLapConvolution first_, second_;
};

/// conv1 and conv2 with their normalisation: planes to 32 channels, then to 256 at half the size.
class IpLapStem {
 public:
  IpLapStem(const TensorFile& file, const std::string& name, std::int64_t planes,
            const IpLapPlace& place);
  struct Features {
    torch::Tensor fine, coarse;
  };
  Features forward(const torch::Tensor& planes) const;

 private:
  IpLapConvolution first_, second_;
};

}  // namespace visema
