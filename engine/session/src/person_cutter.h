#pragma once

#include <filesystem>
#include <memory>

#include "template_source.h"
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

  /// The person of the frame's face, or else the largest.
  std::shared_ptr<const Cutout> cut(const TemplateSource::Frame& frame);

 private:
  const GraphNetwork network_;
  const bool still_;
  MatteSmoother smoother_;
  std::shared_ptr<const Cutout> last_;
};

}  // namespace visema::session
