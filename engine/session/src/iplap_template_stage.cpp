#include "iplap_template_stage.h"

#include <utility>

#include "iplap_clock.h"
#include "iplap_points.h"
#include "visema/renderer/iplap_face.h"

namespace visema::session {

void IplapTemplateStage::process(IplapHeardFrame heard, const Emit<IplapPlacedFrame>& emit) {
  IplapPlacedFrame placed;
  placed.sound = std::move(heard.sound);
  if (heard.speech) {
    placed.index = heard.speech->index;
    TemplateSource::Frame frame = source_.at(placed.index);
    placed.picture = std::move(frame.picture);
    if (frame.strength > 0) placed.face = face_at(placed.index);
    if (placed.face) {
      placed.face->mels = std::move(heard.speech->mels);
      placed.face->cover = frame.cover;
      placed.face->strength = frame.strength;
    }
  }
  emit(std::move(placed));
}

const FaceMesh* IplapTemplateStage::window_face(FrameIndex frame, int step, PixelBox& crop) const {
  const IplapInstant instant = iplap_instant(frame, fps_, step);
  const LandmarkFrame& tracked = source_.tracked(instant.index, instant.rate);
  if (!tracked.face) return nullptr;
  const FaceMesh& mesh = tracked.face->mesh;
  crop = iplap_crop(iplap_points(mesh), margin_px_, avatar_.width, avatar_.height);
  return &mesh;
}

std::optional<IplapPlacedFrame::Face> IplapTemplateStage::face_at(FrameIndex frame) const {
  constexpr int kRow = 2 * kIplapPose;
  constexpr int kMiddle = kIpLapWindow / 2;
  IplapPlacedFrame::Face face;
  face.poses.resize(static_cast<std::size_t>(kIpLapWindow) * kRow);
  face.mesh = window_face(frame, 0, face.crops[kMiddle]);
  if (face.mesh == nullptr) return std::nullopt;
  const auto put = [&](int i, const FaceMesh& mesh) {
    put_rows(normalised(mesh, face.crops[i]), 0, kIplapPose, &face.poses[i * kRow]);
  };
  put(kMiddle, *face.mesh);
  for (const int direction : {-1, 1}) {
    const FaceMesh* nearer = face.mesh;
    for (int step = direction; step >= kIplapFirstStep && step <= kIplapLastStep;
         step += direction) {
      const int i = kMiddle + step;
      face.crops[i] = face.crops[i - direction];
      if (const FaceMesh* mesh = window_face(frame, step, face.crops[i])) nearer = mesh;
      put(i, *nearer);
    }
  }
  return face;
}

}  // namespace visema::session
