#include "iplap_render_stage.h"

#include <span>
#include <utility>
#include <vector>

#include "iplap_points.h"
#include "visema/renderer/iplap_face.h"

namespace visema::session {
namespace {

constexpr int kMiddle = kIpLapWindow / 2;
constexpr std::size_t kFaceValues = std::size_t{3} * kIplapFacePixels;

/// Sketches of the window: the template's pose with the lips and jaw that the sound asks for.
std::vector<float> sketches_of(const IplapPlacedFrame::Face& face, std::span<const float> content) {
  std::vector<float> sketches;
  sketches.reserve(kIpLapWindow * kFaceValues);
  for (int i = 0; i < kIpLapWindow; ++i) {
    IplapPoints points;
    take_rows(&face.poses[std::size_t{2} * kIplapPose * i], 0, kIplapPose, points);
    take_rows(&content[std::size_t{2} * kIplapContent * i], kIplapPose, kIplapContent, points);
    append_sketch(points, face.crops[i], sketches);
  }
  return sketches;
}

}  // namespace

void IplapRenderStage::process(IplapPlacedFrame placed, const Emit<RenderedFrame>& emit) {
  RenderedFrame rendered{placed.index, std::move(placed.picture), std::move(placed.sound), {}};
  if (placed.face && placed.face->cover) {
    const Image own = *rendered.picture;
    paint(*rendered.picture, *placed.face);
    atlas_.put_back(own, placed.face->cover->mask, *placed.face->mesh, *rendered.picture);
  } else if (placed.face) {
    paint(*rendered.picture, *placed.face);
  }
  emit(std::move(rendered));
}

void IplapRenderStage::paint(Image& picture, const IplapPlacedFrame::Face& face) const {
  const std::vector<float> content =
      landmarks_.predict({face.mels, face.poses, speaker_.poses, speaker_.content});
  const std::vector<float> sketches = sketches_of(face, content);
  std::vector<float> planes(kFaceValues), painted(kFaceValues);
  extract_iplap_face(picture, face.crop(), planes);
  const auto mel =
      std::span(face.mels).subspan(std::size_t{kMiddle} * kIplapMelValues, kIplapMelValues);
  renderer_.render(speaker_.pictures, {planes, sketches, mel}, painted);
  paste_iplap_face(picture, face.crop(), *face.mesh, painted, face.strength);
}

}  // namespace visema::session
