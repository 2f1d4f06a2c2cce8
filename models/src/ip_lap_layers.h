#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace visema {

/// Convolution, batch normalisation, then the input again where `residual`, then ReLU.
struct IpLapBlock {
  int in = 0;
  int out = 0;
  int kernel = 3;  // of each side
  int stride_y = 1;
  int stride_x = 1;
  int padding = 1;  // of each side
  bool residual = false;
};

/// Blocks that follow each other, and along how many sides they convolve.
struct IpLapEncoderLayout {
  int sides = 1;
  std::vector<IpLapBlock> blocks;
};

/// Mel window [1, 80, 16] -> [512, 1, 1]; both networks have one.
const IpLapEncoderLayout& ip_lap_mel_encoder();
/// All points of a reference [2, 131] -> [512, 1]
const IpLapEncoderLayout& ip_lap_reference_encoder();
/// Pose points [2, 74] -> [512, 1]
const IpLapEncoderLayout& ip_lap_pose_encoder();

inline constexpr double kIpLapNormEpsilon = 1e-5;  // of every normalisation
inline constexpr double kIpLapSlope = 0.2;         // below zero, between modulation and convolution
inline constexpr double kIpLapLastSlope = 0.01;    // below zero, before the last convolution
inline constexpr int kIpLapFeatures = 512;         // of an embedding
inline constexpr int kIpLapLayers = 4;             // of the transformer
inline constexpr int kIpLapPositions = 512;        // in its tables

struct IpLapTensor {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// Every tensor of the state_dict that the network needs, in the order of the file; the counters
/// num_batches_tracked are left out.
const std::vector<IpLapTensor>& ip_lap_landmark_tensors();
const std::vector<IpLapTensor>& ip_lap_renderer_tensors();

}  // namespace visema
