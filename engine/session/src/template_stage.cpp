#include "template_stage.h"

namespace visema::session {
namespace {

float between(float from, float to, float part) {
  return from + part * (to - from);
}

/// A face that is painted in part moves in part, so that what is blended is nearly the same.
PlacedFrame::Face fading(PlacedFrame::Face face) {
  if (face.strength >= 1) return face;
  for (std::size_t i = 0; i < face.target.size(); ++i) {
    const Point3& from = face.source[i];
    Point3& to = face.target[i];
    to = {between(from.x, to.x, face.strength), between(from.y, to.y, face.strength),
          between(from.z, to.z, face.strength)};
  }
  return face;
}

}  // namespace

void TemplateStage::process(SpokenFrame spoken, const Emit<PlacedFrame>& emit) {
  PlacedFrame placed;
  placed.sound = std::move(spoken.sound);
  if (spoken.motion) {
    placed.index = spoken.motion->index;
    TemplateSource::Frame frame = source_.at(spoken.motion->index);
    if (cutter_ != nullptr) placed.person = cutter_->cut(frame);
    placed.picture = std::move(frame.picture);
    if (frame.tracked->face && frame.strength > 0) {
      const TrackedFace& face = *frame.tracked->face;
      const ComposedFace target = composer_.compose(*frame.tracked, *spoken.motion);
      placed.face = fading({face.mesh, target.mesh, target.pose, frame.cover, frame.strength});
    }
  }
  emit(std::move(placed));
}

}  // namespace visema::session
