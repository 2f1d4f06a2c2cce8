#pragma once

#include "face_composer.h"
#include "frame_items.h"
#include "template_source.h"
#include "visema/pipeline/stage.h"
#include "visema/renderer/face_renderer.h"

namespace visema::session {

/// Motions to pictures: the template's frame with the face of the motion painted in. A frame whose
/// template shows no face passes unchanged.
class RenderStage {
 public:
  RenderStage(TemplateSource& source, const FaceComposer& composer, FaceRenderer& renderer)
      : source_(source), composer_(composer), renderer_(renderer) {}

  void process(SpokenFrame spoken, const Emit<RenderedFrame>& emit);
  void finish(const Emit<RenderedFrame>&) {}
  void reset() {}

 private:
  TemplateSource& source_;
  const FaceComposer& composer_;
  FaceRenderer& renderer_;
};

}  // namespace visema::session
