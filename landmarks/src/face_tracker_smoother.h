#pragma once

#include <array>

#include "visema/core/landmark_frame.h"

namespace visema {

/// How one group of points is filtered. Speeds are in face widths (outer eye corners) a second.
struct OneEuroRule {
  float min_cutoff_hz;
  float hz_per_speed;
  float speed_cutoff_hz;
};

/// One Euro filter (Casiez, Roussel, Vogel 2012) over every coordinate of a mesh: strong while a
/// point rests, open while it moves.
class FaceSmoother {
 public:
  FaceMesh smooth(const FaceMesh& mesh, double time_s);
  void reset() { started_ = false; }

 private:
  FaceMesh value_{};
  FaceMesh speed_{};
  double time_s_ = 0;
  bool started_ = false;
};

}  // namespace visema
