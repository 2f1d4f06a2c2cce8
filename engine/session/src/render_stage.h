#pragma once

#include "frame_items.h"
#include "visema/pipeline/stage.h"
#include "visema/renderer/face_renderer.h"

namespace visema::session {

/// Paints the face of each frame where it goes, and what is behind the person. A frame without a
/// face passes unchanged. Needs no frame but the one it works on, so that several can work side by
/// side.
class RenderStage {
 public:
  /// `atlas` must outlive it. `background` is for frames with a person cut out.
  RenderStage(FaceRenderer renderer, const FaceAtlas& atlas,
              std::shared_ptr<const Background> background)
      : renderer_(std::move(renderer)), atlas_(atlas), background_(std::move(background)) {}

  void process(PlacedFrame placed, const Emit<RenderedFrame>& emit);
  void finish(const Emit<RenderedFrame>&) {}
  void reset() {}

 private:
  Image paint(const Image& own, const PlacedFrame::Face& face);

  FaceRenderer renderer_;
  const FaceAtlas& atlas_;
  std::shared_ptr<const Background> background_;
};

}  // namespace visema::session
