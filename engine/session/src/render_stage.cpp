#include "render_stage.h"

#include "background.h"

namespace visema::session {

void RenderStage::process(PlacedFrame placed, const Emit<RenderedFrame>& emit) {
  RenderedFrame rendered{placed.index, std::move(placed.picture), std::move(placed.sound), {}};
  if (placed.face)
    rendered.picture = renderer_.render(*rendered.picture, placed.face->source, placed.face->target,
                                        placed.face->target_pose);
  if (placed.person) {
    Image share = placed.person->share();
    if (placed.face) share = renderer_.move(share, placed.face->source, placed.face->target);
    placed.person->put_before(*background_, share, *rendered.picture);
    if (background_->kind == Background::Kind::kNone) rendered.alpha = alpha_of(share);
  }
  emit(std::move(rendered));
}

}  // namespace visema::session
