#pragma once

#include <optional>

#include "iplap_items.h"
#include "template_source.h"
#include "visema/landmarks/avatar.h"
#include "visema/pipeline/stage.h"

namespace visema::session {

/// Mel windows to frames of the template and the head poses around them. An instant of the window
/// without a face takes the pose of its neighbour on the frame's side; a frame without a face
/// passes as it is.
class IplapTemplateStage {
 public:
  IplapTemplateStage(TemplateSource& source, const Avatar& avatar, Rational fps, int margin_px)
      : source_(source), avatar_(avatar), fps_(fps), margin_px_(margin_px) {}

  void process(IplapHeardFrame heard, const Emit<IplapPlacedFrame>& emit);
  void finish(const Emit<IplapPlacedFrame>&) {}
  void reset() {}

 private:
  std::optional<IplapPlacedFrame::Face> face_at(FrameIndex frame) const;
  /// The face `step` 25ths of a second after a frame's begin and its crop; null without one.
  const FaceMesh* window_face(FrameIndex frame, int step, PixelBox& crop) const;

  TemplateSource& source_;
  const Avatar& avatar_;
  const Rational fps_;
  const int margin_px_;
};

}  // namespace visema::session
