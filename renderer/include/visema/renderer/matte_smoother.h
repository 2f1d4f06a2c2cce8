#pragma once

#include <span>
#include <vector>

#include "visema/core/time.h"

namespace visema {

/// Takes the flicker out of the mattes of a video: small changes are followed slowly, large ones,
/// which are motion, at once. After a jump in the video it begins anew. One thread at a time.
class MatteSmoother {
 public:
  /// `index`: of the video's frame.
  void smooth(FrameIndex index, std::span<float> matte);

 private:
  FrameIndex index_ = 0;
  std::vector<float> last_;
};

}  // namespace visema
