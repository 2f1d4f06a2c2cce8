#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "ip_lap_blocks_torch.h"
#include "ip_lap_encoder_torch.h"
#include "ip_lap_flow_torch.h"

namespace visema {

/// The half of the renderer that paints the face from the blended references and the sound.
class IpLapPainter {
 public:
  IpLapPainter(const TensorFile& file, const IpLapPlace& place);

  /// face [1, 3, 128, 128] with its lower half 0, sketches [1, 15, 128, 128], mel [1, 1, 80, 16]
  /// -> [1, 3, 128, 128] in 0..1
  torch::Tensor paint(const torch::Tensor& face, const torch::Tensor& sketches,
                      const torch::Tensor& mel, const IpLapFlow::Layers& blend) const;

 private:
  /// 1 + gamma and beta of an AdaIN layer, [1, 2C, 1, 1].
  struct Voice {
    IpLapFolded shared, maps;
    torch::Tensor forward(const torch::Tensor& sound) const;
  };
  void add_spade(const TensorFile& file, const std::string& name, std::int64_t channels,
                 std::int64_t planes);
  void add_adain(const TensorFile& file, const std::string& name, std::int64_t channels);
  torch::Tensor spade(int which, const torch::Tensor& x, const torch::Tensor& planes) const;
  torch::Tensor adain(int which, const torch::Tensor& x, const torch::Tensor& sound) const;

  IpLapPlace place_;
  IpLapEncoder ear_;
  IpLapStem stem_;
  std::vector<IpLapModulator> modulators_;
  std::vector<IpLapPair> spades_;
  std::vector<Voice> voices_;
  std::vector<IpLapPair> adains_;
  IpLapConvolution last_;
};

}  // namespace visema
