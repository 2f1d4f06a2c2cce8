#pragma once

#include "face_composer.h"
#include "frame_items.h"
#include "template_source.h"
#include "visema/pipeline/stage.h"
#include "visema/renderer/face_renderer.h"

namespace visema::session {

/// Motions to pictures: the template's frame with the face of the motion painted in. A frame whose
/// template shows no face passes unchanged and is counted.
class RenderStage {
 public:
  RenderStage(TemplateSource& source, const FaceComposer& composer, FaceRenderer& renderer)
      : source_(source), composer_(composer), renderer_(renderer) {}

  void process(SpokenFrame spoken, const Emit<RenderedFrame>& emit);
  void finish(const Emit<RenderedFrame>&) {}
  void reset() { without_face_ = 0; }

  std::int64_t frames_without_face() const { return without_face_; }

 private:
  TemplateSource& source_;
  const FaceComposer& composer_;
  FaceRenderer& renderer_;
  std::int64_t without_face_ = 0;
};

}  // namespace visema::session
