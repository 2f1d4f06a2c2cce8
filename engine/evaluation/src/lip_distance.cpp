#include "visema/evaluation/lip_distance.h"

#include <cmath>

#include "visema/core/face_points.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

constexpr std::size_t kFacePoints = 468;  // without the irises
constexpr double kLongestStep = 0.1;      // seconds between two frames that have a velocity
/// Spread of the openness below which a mouth counts as still.
constexpr double kStill = 1e-3;

double apart(Point3 a, Point3 b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

double mean_over_lips(const FaceMesh& a, const FaceMesh& b) {
  double sum = 0;
  for (const std::uint16_t point : kLips) sum += apart(a[point], b[point]);
  return sum / kLips.size();
}

double mean_over_face(const FaceMesh& a, const FaceMesh& b) {
  double sum = 0;
  for (std::size_t i = 0; i < kFacePoints; ++i) sum += apart(a[i], b[i]);
  return sum / kFacePoints;
}

}  // namespace

double openness(const FaceMesh& canonical) {
  return std::max(0.0F, inner_lip_gap(canonical)) / face_width(canonical);
}

void LipDistance::push(double time_s, const MeasuredFace& face, const MeasuredFace& real) {
  FaceMesh real_px = real.px;
  for (Point3& p : real_px) p = {p.x * scale_x_, p.y * scale_y_, p.z};
  lips_px_ += mean_over_lips(face.px, real_px);
  face_px_ += mean_over_face(face.px, real_px);
  lips_ += mean_over_lips(face.canonical, real.canonical);
  face_ += mean_over_face(face.canonical, real.canonical);
  ++frames_;
  const double gap = openness(face.canonical);
  const double real_gap = openness(real.canonical);
  gap_ += gap;
  real_gap_ += real_gap;
  gap2_ += gap * gap;
  real_gap2_ += real_gap * real_gap;
  gap_real_ += gap * real_gap;

  const double step = time_s - last_time_s_;
  if (has_last_ && step > 0 && step < kLongestStep) {
    FaceMesh motion{}, real_motion{};
    for (const std::uint16_t i : kLips) {
      motion[i] = {face.canonical[i].x - last_[i].x, face.canonical[i].y - last_[i].y, 0};
      real_motion[i] = {real.canonical[i].x - last_real_[i].x,
                        real.canonical[i].y - last_real_[i].y, 0};
    }
    velocity_ += mean_over_lips(motion, real_motion) / step;
    ++steps_;
  }
  has_last_ = true;
  last_time_s_ = time_s;
  last_ = face.canonical;
  last_real_ = real.canonical;
}

std::optional<LipDistance::Result> LipDistance::result() const {
  if (frames_ < 2) return std::nullopt;
  const double n = static_cast<double>(frames_);
  Result r;
  r.frames = frames_;
  r.distance_px = lips_px_ / n;
  r.face_distance_px = face_px_ / n;
  r.distance = lips_ / n;
  r.face_distance = face_ / n;
  if (steps_ > 0) r.velocity_distance = velocity_ / static_cast<double>(steps_);
  const double spread = std::sqrt(std::max(0.0, gap2_ / n - gap_ * gap_ / n / n));
  const double real_spread =
      std::sqrt(std::max(0.0, real_gap2_ / n - real_gap_ * real_gap_ / n / n));
  if (real_spread > kStill) {
    r.gain = spread / real_spread;
    const double covariance = gap_real_ / n - gap_ * real_gap_ / n / n;
    r.correlation = spread > 1e-9 ? covariance / (spread * real_spread) : 0;
  }
  return r;
}

}  // namespace visema
