#include "template_stage.h"

namespace visema::session {

void TemplateStage::process(SpokenFrame spoken, const Emit<PlacedFrame>& emit) {
  PlacedFrame placed;
  placed.sound = std::move(spoken.sound);
  if (spoken.motion) {
    placed.index = spoken.motion->index;
    TemplateSource::Frame frame = source_.at(spoken.motion->index);
    if (cutter_ != nullptr) placed.person = cutter_->cut(frame);
    placed.picture = std::move(frame.picture);
    if (frame.tracked->face) {
      const TrackedFace& face = *frame.tracked->face;
      const ComposedFace target = composer_.compose(face, *spoken.motion);
      placed.face = {face.mesh, target.mesh, target.pose};
    }
  }
  emit(std::move(placed));
}

}  // namespace visema::session
