#include "ip_lap_view.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace visema::training {
namespace {

constexpr double kPitchShare = 0.6, kRollShare = 0.5;
constexpr double kLeastMargin = 1.0 / 25, kMostMargin = 1.0 / 10;

/// Rotation about the canonical frame's origin, between the eyes, then a look along z.
class Camera {
 public:
  explicit Camera(const IpLapView& view)
      : pitch_(angle(view.pitch)), yaw_(angle(view.yaw)), roll_(angle(view.roll)) {}

  Point2 see(const Point3& p) const {
    const float y = pitch_.cos * p.y - pitch_.sin * p.z;
    const float z = pitch_.sin * p.y + pitch_.cos * p.z;
    const float x = yaw_.cos * p.x + yaw_.sin * z;
    return {roll_.cos * x - roll_.sin * y, roll_.sin * x + roll_.cos * y};
  }

 private:
  struct Angle {
    float sin, cos;
  };
  static Angle angle(double radians) {
    return {static_cast<float>(std::sin(radians)), static_cast<float>(std::cos(radians))};
  }
  Angle pitch_, yaw_, roll_;
};

}  // namespace

IpLapView IpLapView::draw(Random& random, double spread_deg) {
  const double spread = spread_deg * std::numbers::pi / 180;
  IpLapView view;
  view.pitch = random.normal() * spread * kPitchShare;
  view.yaw = random.normal() * spread;
  view.roll = random.normal() * spread * kRollShare;
  view.margin = static_cast<float>(random.uniform(kLeastMargin, kMostMargin));
  return view;
}

IpLapView IpLapView::turned(const IpLapView& by, double factor) const {
  IpLapView view = *this;
  view.pitch += factor * by.pitch;
  view.yaw += factor * by.yaw;
  view.roll += factor * by.roll;
  return view;
}

void IpLapSeen::put(int first, int count, float* rows) const {
  for (int i = 0; i < count; ++i) {
    const auto& point = points.at(static_cast<std::size_t>(first) + static_cast<std::size_t>(i));
    rows[i] = point.x;
    rows[count + i] = point.y;
  }
}

IpLapSeen see(const IpLapFace& face, const IpLapFace& rest, const IpLapView& view, IpLapBoxOf box) {
  const Camera camera(view);
  IpLapSeen seen;
  Point2 low = {1e9F, 1e9F}, high = {-1e9F, -1e9F};
  for (std::size_t i = 0; i < face.size(); ++i) {
    seen.points[i] = camera.see(face[i]);
    const bool resting = box == IpLapBoxOf::kRest && i >= kIplapPose;
    const Point2 p = resting ? camera.see(rest[i]) : seen.points[i];
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  const float margin = view.margin * std::max(high.x - low.x, high.y - low.y);
  seen.box = {low.x - margin, low.y - margin, high.x - low.x + 2 * margin,
              high.y - low.y + 2 * margin};
  for (Point2& p : seen.points)
    p = {(p.x - seen.box.x) / seen.box.width, (p.y - seen.box.y) / seen.box.height};
  return seen;
}

}  // namespace visema::training
