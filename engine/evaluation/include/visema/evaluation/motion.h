#pragma once

#include <optional>
#include <vector>

#include "visema/core/landmark_frame.h"

namespace visema {

/// motion.*: blinks and the head's rotation over a video. Keeps 20 bytes a frame.
class LifeSigns {
 public:
  /// eye_aspect: mean of both eyes (landmarks/face_regions.h); angles in radians.
  void push(double time_s, float eye_aspect, float pitch, float yaw, float roll);

  struct Result {
    std::optional<double> blinks_per_minute;  // nothing under five seconds
    double head_rotation_deg = 0;             // root mean square from the mean direction
    double head_speed_deg_per_s = 0;
  };
  /// Nothing before the third frame.
  std::optional<Result> result() const;

 private:
  struct Frame {
    float time_s, eye, pitch, yaw, roll;
  };
  std::vector<Frame> frames_;
};

}  // namespace visema
