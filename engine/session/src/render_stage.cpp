#include "render_stage.h"

namespace visema::session {

void RenderStage::process(SpokenFrame spoken, const Emit<RenderedFrame>& emit) {
  RenderedFrame rendered{0, std::nullopt, std::move(spoken.sound)};
  if (spoken.motion) {
    rendered.index = spoken.motion->index;
    TemplateSource::Frame frame = source_.at(spoken.motion->index);
    if (frame.tracked->face) {
      const TrackedFace& face = *frame.tracked->face;
      const ComposedFace target = composer_.compose(face, *spoken.motion);
      rendered.picture = renderer_.render(frame.picture, face.mesh, target.mesh, target.pose);
    } else {
      rendered.picture = std::move(frame.picture);
    }
  }
  emit(std::move(rendered));
}

}  // namespace visema::session
