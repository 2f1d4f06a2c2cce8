#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "visema/core/face_cover.h"
#include "visema/core/image.h"
#include "visema/core/landmark_frame.h"
#include "visema/renderer/cutout.h"

namespace visema::session {

/// What leaves the speech stage: where the face goes in one frame, and the sound that came in since
/// the frame before, so that picture and sound keep together. The last item may hold sound only.
struct SpokenFrame {
  std::optional<FaceMotion> motion;
  FaceMesh speech{};  // the share of motion->offset that follows from the sound
  std::vector<AudioBlock> sound;
};

/// A frame of the template, and where the face in it goes.
struct PlacedFrame {
  struct Face {
    FaceMesh source{};  // picture pixels, as the targets
    FaceMesh target{};
    HeadPose target_pose;
    const FaceCover* cover = nullptr;  // of the avatar
    float strength = 1;                // 0: the template's own pixels
  };
  FrameIndex index = 0;
  std::optional<Image> picture;
  std::optional<Face> face;
  std::shared_ptr<const Cutout> person;  // null: its background stays
  std::vector<AudioBlock> sound;
};

/// What leaves the render stage.
struct RenderedFrame {
  FrameIndex index = 0;  // of the picture
  std::optional<Image> picture;
  std::vector<AudioBlock> sound;
  std::vector<std::uint8_t> alpha;  // of each pixel, where the background is to be none
};

}  // namespace visema::session
