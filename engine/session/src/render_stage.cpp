#include "render_stage.h"

#include <cmath>
#include <cstdint>

#include "background.h"

namespace visema::session {
namespace {

/// painted = own + strength * (painted - own)
void blend(const Image& own, float strength, Image& painted) {
  for (std::size_t i = 0; i < own.rgb.size(); ++i) {
    const float mixed = own.rgb[i] + strength * (painted.rgb[i] - own.rgb[i]);
    painted.rgb[i] = static_cast<std::uint8_t>(std::lround(mixed));
  }
}

}  // namespace

Image RenderStage::paint(const Image& own, const PlacedFrame::Face& face) {
  if (!face.cover) return renderer_.render(own, face.source, face.target, face.target_pose);
  const FaceRenderer::Covered covered{atlas_, face.cover->mask};
  return renderer_.render(own, face.source, face.target, face.target_pose, &covered);
}

void RenderStage::process(PlacedFrame placed, const Emit<RenderedFrame>& emit) {
  RenderedFrame rendered{placed.index, std::move(placed.picture), std::move(placed.sound), {}};
  if (placed.face) {
    Image painted = paint(*rendered.picture, *placed.face);
    if (placed.face->strength < 1) blend(*rendered.picture, placed.face->strength, painted);
    rendered.picture = std::move(painted);
  }
  if (placed.person) {
    Image share = placed.person->share();
    if (placed.face) share = renderer_.move(share, placed.face->source, placed.face->target);
    placed.person->put_before(*background_, share, *rendered.picture);
    if (background_->kind == Background::Kind::kNone) rendered.alpha = alpha_of(share);
  }
  emit(std::move(rendered));
}

}  // namespace visema::session
