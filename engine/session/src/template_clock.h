#pragma once

#include "visema/core/time.h"
#include "visema/session/render.h"

namespace visema::session {

/// Which frame of a template video is shown at an output frame. `count` source frames at
/// `source_fps` are played at their own speed: forward and back, from the start again, or holding
/// the last.
FrameIndex template_frame(FrameIndex output, Rational output_fps, Rational source_fps,
                          FrameIndex count, TemplateLoop loop);

}  // namespace visema::session
