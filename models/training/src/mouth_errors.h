#pragma once

#include <string>
#include <utility>
#include <vector>

namespace visema::training {

/// Lip points of a clip's frames, offsets from the rest face in canonical units: [frames][points *
/// 2], x and y.
using LipFrames = std::vector<std::vector<float>>;

/// Where the distance of said from real lips comes from: sums over points and frames of what is
/// left of it when something that differs from clip to clip is told. Those of several clips add up.
struct MouthErrors {
  double rest = 0;    // of a mouth kept at rest
  double mean = 0;    // of a mouth kept at the clip's mean real mouth
  double said = 0;    // as the network says it
  double offset = 0;  // without the mean error of each point
  double scale = 0;   // multiplied by the factor that fits best
  double timing = 0;  // moved by those of -3..3 frames that fit best
  double all = 0;     // with all three of them

  void add(const MouthErrors& other);
  /// Name and share of `rest`, for the log.
  std::vector<std::pair<std::string, double>> values() const;
};

/// Of one clip; both have the same frames, in order.
MouthErrors explain_errors(const LipFrames& said, const LipFrames& real);

}  // namespace visema::training
