#include "render_stage.h"

namespace visema::session {

void RenderStage::process(PlacedFrame placed, const Emit<RenderedFrame>& emit) {
  RenderedFrame rendered{std::move(placed.picture), std::move(placed.sound)};
  if (placed.face)
    rendered.picture = renderer_.render(*rendered.picture, placed.face->source, placed.face->target,
                                        placed.face->target_pose);
  emit(std::move(rendered));
}

}  // namespace visema::session
