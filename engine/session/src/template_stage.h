#pragma once

#include "face_composer.h"
#include "frame_items.h"
#include "template_source.h"
#include "visema/pipeline/stage.h"

namespace visema::session {

/// Motions to frames of the template and where their faces go.
class TemplateStage {
 public:
  TemplateStage(TemplateSource& source, const FaceComposer& composer)
      : source_(source), composer_(composer) {}

  void process(SpokenFrame spoken, const Emit<PlacedFrame>& emit);
  void finish(const Emit<PlacedFrame>&) {}
  void reset() {}

 private:
  TemplateSource& source_;
  const FaceComposer& composer_;
};

}  // namespace visema::session
