#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph_kernels.h"

namespace visema {

/// A convolution with 3x3 kernel, stride 1 and a border of zeros, by Winograd's minimal filtering
/// F(4x4, 3x3) (Lavin and Gray 2016): a quarter of the multiplications. Differs from the direct sum
/// by rounding, about 3e-5 of the deviation of the outputs.
class WinogradKernel {
 public:
  /// weight [outs, ins, 3, 3], bias [outs].
  WinogradKernel(std::span<const float> weight, std::span<const float> bias, std::int64_t outs,
                 std::int64_t ins);

  /// What becomes of each sum: x + added, then below 0 times slope.
  struct Ending {
    const float* added = nullptr;  // in the shape of the output, or none
    float slope = 1;
  };
  /// One picture in NHWC order, [height, width, ins] to [height, width, outs]; rows of tiles
  /// [begin, end), each 4 rows of pixels. Any thread.
  void run(const float* from, float* to, std::int64_t height, std::int64_t width,
           const Ending& ending, std::int64_t begin, std::int64_t end) const;

  static std::int64_t tile_rows(std::int64_t height) { return (height + 3) / 4; }
  std::int64_t outs() const { return outs_; }

 private:
  std::int64_t ins_, outs_;
  std::vector<PointwiseKernel> products_;  // of each of the 36 places of a transformed tile
  std::vector<float> bias_;
};

}  // namespace visema
