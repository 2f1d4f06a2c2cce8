#pragma once

#include <memory>

#include "face_fade.h"
#include "visema/landmarks/avatar.h"
#include "visema/media/random_frame_reader.h"
#include "visema/session/render.h"

namespace visema::session {

/// The avatar's own picture and face for each output frame: the picture itself, or the template
/// video played in a loop. One thread at a time.
class TemplateSource {
 public:
  TemplateSource(const Avatar& avatar, Rational output_fps, TemplateLoop loop);

  struct Frame {
    Image picture;
    const LandmarkFrame* tracked = nullptr;  // of the avatar
    FrameIndex index = 0;                    // in the template
    const FaceCover* cover = nullptr;        // of the avatar; null: nothing is before the face
    float strength = 1;                      // of the face that is painted
  };
  Frame at(FrameIndex output);
  /// What is known of the avatar's frame that is shown at a frame of another rate.
  const LandmarkFrame& tracked(FrameIndex frame, Rational rate) const;

 private:
  FrameIndex shown(FrameIndex frame, Rational rate) const;

  const Avatar& avatar_;
  FaceFade fade_;
  Rational output_fps_;
  TemplateLoop loop_;
  std::unique_ptr<RandomFrameReader> reader_;  // null for a picture
};

}  // namespace visema::session
