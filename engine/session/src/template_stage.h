#pragma once

#include "face_composer.h"
#include "frame_items.h"
#include "person_cutter.h"
#include "template_source.h"
#include "visema/pipeline/stage.h"

namespace visema::session {

/// Motions to frames of the template, where their faces go, and the person in them.
class TemplateStage {
 public:
  /// `cutter` may be null: then the template's own background stays.
  TemplateStage(TemplateSource& source, const FaceComposer& composer, PersonCutter* cutter)
      : source_(source), composer_(composer), cutter_(cutter) {}

  void process(SpokenFrame spoken, const Emit<PlacedFrame>& emit);
  void finish(const Emit<PlacedFrame>&) {}
  void reset() {}

 private:
  TemplateSource& source_;
  const FaceComposer& composer_;
  PersonCutter* cutter_;
};

}  // namespace visema::session
