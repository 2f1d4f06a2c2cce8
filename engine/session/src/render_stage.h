#pragma once

#include "frame_items.h"
#include "visema/pipeline/stage.h"
#include "visema/renderer/face_renderer.h"

namespace visema::session {

/// Paints the face of each frame where it goes. A frame without a face passes unchanged. Needs no
/// frame but the one it works on, so that several can work side by side.
class RenderStage {
 public:
  explicit RenderStage(FaceRenderer renderer) : renderer_(std::move(renderer)) {}

  void process(PlacedFrame placed, const Emit<RenderedFrame>& emit);
  void finish(const Emit<RenderedFrame>&) {}
  void reset() {}

 private:
  FaceRenderer renderer_;
};

}  // namespace visema::session
