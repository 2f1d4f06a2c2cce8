#pragma once

#include <filesystem>
#include <memory>

#include "visema/models/graph_network.h"
#include "visema/renderer/cutout.h"
#include "visema/renderer/matte_smoother.h"

namespace visema::session {

/// Cuts the person out of the template's frames. One thread at a time, frames about in order.
class PersonCutter {
 public:
  /// The matte network; `still`: all frames are one picture, which is cut out once. Throws
  /// Error(kModel).
  PersonCutter(const std::filesystem::path& network, bool still)
      : network_(network), still_(still) {}

  /// `index`: of the template's frame.
  std::shared_ptr<const Cutout> cut(const Image& picture, FrameIndex index);

 private:
  const GraphNetwork network_;
  const bool still_;
  MatteSmoother smoother_;
  std::shared_ptr<const Cutout> last_;
};

}  // namespace visema::session
