#pragma once

#include <vector>

#include "visema/core/landmark_frame.h"

namespace visema {

/// Takes the jitter out of the head poses of a whole tracked video without lag: each pose becomes
/// the middle of a local quadratic fit over its neighbours in time, Gaussian weights (Savitzky and
/// Golay 1964 on uneven times), so that steady turns and accelerations pass unchanged. The points
/// of each frame are carried to the smoothed pose; what the face does relative to the head is not
/// touched. Frames without a face and cuts (the head jumps by 0.4 units or its size by a fifth)
/// separate runs that do not mix.
class PoseSmoother {
 public:
  struct Options {
    double sigma_s = 0.05;
  };

  PoseSmoother() = default;
  explicit PoseSmoother(Options options);

  void smooth(std::vector<LandmarkFrame>& frames) const;

 private:
  Options options_;
};

}  // namespace visema
