#pragma once

#include <array>

#include "ip_lap_clips.h"
#include "random.h"

namespace visema::training {

/// Which points the box of a face crop lies around. `kOwn`: all of the frame's own, as published;
/// the box then tells how far the jaw is down. `kRest`: the frame's pose points with lips and jaw
/// at rest, which tells nothing of the answer.
enum class IpLapBoxOf { kOwn, kRest };

/// How a face stands before the camera, and its crop's margin.
struct IpLapView {
  double pitch = 0, yaw = 0, roll = 0;  // radians
  float margin = 0.055F;                // share of the longer side of the points' box

  /// Angles of a normal distribution (yaw: `spread_deg`, pitch 0.6 and roll 0.5 of it) and a margin
  /// as rendering has them, 1/25 to 1/10.
  static IpLapView draw(Random& random, double spread_deg);
  /// The same, turned by further angles.
  IpLapView turned(const IpLapView& by, double factor) const;
};

struct IpLapBox {
  float x = 0, y = 0, width = 1, height = 1;  // canonical units
};

/// A face as the networks see it: places in 0..1 of the crop.
struct IpLapSeen {
  std::array<Point2, kIplapPoints> points;
  IpLapBox box;

  /// The networks' form: x of `count` points from `first`, then their y.
  void put(int first, int count, float* rows) const;
};

IpLapSeen see(const IpLapFace& face, const IpLapFace& rest, const IpLapView& view, IpLapBoxOf box);

}  // namespace visema::training
