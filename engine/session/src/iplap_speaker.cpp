#include "iplap_speaker.h"

#include <algorithm>
#include <span>
#include <utility>

#include "iplap_points.h"
#include "template_source.h"
#include "visema/landmarks/iplap_references.h"
#include "visema/renderer/iplap_face.h"

namespace visema::session {
namespace {

constexpr int kPoseRow = 2 * kIplapPose;
constexpr int kContentRow = 2 * kIplapContent;
constexpr std::size_t kFaceValues = std::size_t{3} * kIplapFacePixels;

PixelBox crop_of(const Avatar& avatar, std::size_t frame, int margin_px) {
  return iplap_crop(iplap_points(avatar.frames[frame].face->mesh), margin_px, avatar.width,
                    avatar.height);
}

IpLapReferences encode(const Avatar& avatar, const IpLapRendererNetwork& network, int references,
                       int margin_px) {
  std::vector<std::size_t> chosen = iplap_references(avatar.frames, references);
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  TemplateSource source(avatar, avatar.fps, TemplateLoop::kHold);
  std::vector<float> faces(chosen.size() * kFaceValues), sketches;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const std::size_t frame = chosen[i];
    const PixelBox crop = crop_of(avatar, frame, margin_px);
    extract_iplap_face(source.at(static_cast<FrameIndex>(frame)).picture, crop,
                       std::span(faces).subspan(i * kFaceValues, kFaceValues));
    append_sketch(normalised(avatar.frames[frame].face->mesh, crop), crop, sketches);
  }
  return network.encode_references(faces, sketches);
}

}  // namespace

void drop_faces_without_crop(Avatar& avatar, int margin_px) {
  for (std::size_t i = 0; i < avatar.frames.size(); ++i) {
    std::optional<TrackedFace>& face = avatar.frames[i].face;
    if (face && crop_of(avatar, i, margin_px).empty()) face.reset();
  }
}

IplapSpeaker iplap_speaker(const Avatar& avatar, const IpLapRendererNetwork& network,
                           int references, int margin_px) {
  std::vector<float> poses(std::size_t{kIpLapReferenceLandmarks} * kPoseRow);
  std::vector<float> content(std::size_t{kIpLapReferenceLandmarks} * kContentRow);
  const auto sets = iplap_references(avatar.frames, kIpLapReferenceLandmarks);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const IplapPoints points =
        normalised(avatar.frames[sets[i]].face->mesh, crop_of(avatar, sets[i], margin_px));
    put_rows(points, 0, kIplapPose, &poses[i * kPoseRow]);
    put_rows(points, kIplapPose, kIplapContent, &content[i * kContentRow]);
  }
  return {std::move(poses), std::move(content), encode(avatar, network, references, margin_px)};
}

}  // namespace visema::session
