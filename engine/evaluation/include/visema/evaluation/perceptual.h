#pragma once

#include <filesystem>
#include <vector>

#include "visema/core/image.h"
#include "visema/models/graph_network.h"

namespace visema {

/// How different two pictures look to a network, 0 for equal ones, at most 2. The distance of
/// LPIPS (Zhang et al. 2018) without its learned weights: features at several depths, each
/// position's channels scaled to length 1, squared difference summed over channels, mean over
/// positions, mean over depths. The features are those of npm nsfwjs' MobileNetV2, trained on
/// ImageNet and then tuned to another task, so numbers compare with each other and with no
/// published ones. May be called from several threads.
class PerceptualDistance {
 public:
  /// Throws Error(kModel) when the network does not turn one picture into feature maps.
  explicit PerceptualDistance(const std::filesystem::path& network);
  /// Both are stretched to the network's input, 224x224; that reads sizes away, so compare
  /// pictures of one size. Throws Error(kInput) for an empty picture.
  double distance(const Image& a, const Image& b) const;

 private:
  std::vector<std::vector<float>> features(const Image& picture) const;
  GraphNetwork network_;
};

}  // namespace visema
