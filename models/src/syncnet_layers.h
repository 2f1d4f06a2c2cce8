#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace visema {

/// Maximum over size x size; size 0: none.
struct SyncnetPool {
  int size = 0;
  int stride_y = 0;
  int stride_x = 0;
  int padding = 0;
};

/// Convolution, batch normalisation and ReLU, then a pool. `module` is the place of the convolution
/// in its Sequential, the normalisation comes next.
struct SyncnetConvolution {
  int module = 0;
  int in = 0;
  int out = 0;
  int frames = 0;  // of the kernel; 0: the kernel has two dimensions
  int height = 0;
  int width = 0;
  int stride = 1;
  int padding = 0;  // of height and width
  SyncnetPool pool;
};

inline constexpr int kSyncnetLayers = 6;
using SyncnetTower = std::array<SyncnetConvolution, kSyncnetLayers>;

/// netcnnaud: MFCC [1, 13, 20] -> 512
inline constexpr SyncnetTower kSyncnetSpeechTower = {{
    {0, 1, 64, 0, 3, 3, 1, 1, {}},
    {4, 64, 192, 0, 3, 3, 1, 1, {3, 1, 2, 0}},
    {8, 192, 384, 0, 3, 3, 1, 1, {}},
    {11, 384, 256, 0, 3, 3, 1, 1, {}},
    {14, 256, 256, 0, 3, 3, 1, 1, {3, 2, 2, 0}},
    {18, 256, 512, 0, 5, 4, 1, 0, {}},
}};

/// netcnnlip: pictures [3, 5, 224, 224] -> 512
inline constexpr SyncnetTower kSyncnetMouthTower = {{
    {0, 3, 96, 5, 7, 7, 2, 0, {3, 2, 2, 0}},
    {4, 96, 256, 1, 5, 5, 2, 1, {3, 2, 2, 1}},
    {8, 256, 256, 1, 3, 3, 1, 1, {}},
    {11, 256, 256, 1, 3, 3, 1, 1, {}},
    {14, 256, 256, 1, 3, 3, 1, 1, {3, 2, 2, 0}},
    {18, 256, 512, 1, 6, 6, 1, 0, {}},
}};

/// netfcaud and netfclip: linear, batch normalisation, ReLU, linear.
inline constexpr int kSyncnetFeatures = 512;

inline constexpr double kSyncnetNormEpsilon = 1e-5;  // of every batch normalisation

struct SyncnetTensor {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// Every tensor of the state_dict but the counters num_batches_tracked.
std::vector<SyncnetTensor> syncnet_tensors();

}  // namespace visema
