#include "visema/evaluation/lip_distance.h"

#include <cmath>

#include "visema/core/face_points.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

constexpr std::size_t kFacePoints = 468;  // without the irises
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

void LipDistance::Velocities::add(const std::optional<Pair>& from, const std::optional<Pair>& to) {
  if (!from || !to) return;
  const double step = to->time_s - from->time_s;
  const double real_step = to->real_time_s - from->real_time_s;
  if (step <= 0 || real_step <= 0) return;
  const auto velocity = [](Point3 a, Point3 b, double seconds) -> Point3 {
    const auto s = static_cast<float>(seconds);
    return {(b.x - a.x) / s, (b.y - a.y) / s, 0};
  };
  FaceMesh own{}, real{};
  for (const std::uint16_t i : kLips) {
    own[i] = velocity(from->face[i], to->face[i], step);
    real[i] = velocity(from->real[i], to->real[i], real_step);
  }
  sum += mean_over_lips(own, real);
  ++steps;
}

void LipDistance::push(double time_s, const MeasuredFace& face, double real_time_s,
                       const MeasuredFace& real) {
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

  const Pair pair{time_s, real_time_s, face.canonical, real.canonical};
  if (now_ && now_->real_time_s == real_time_s) {
    if (std::abs(time_s - real_time_s) < std::abs(now_->time_s - real_time_s)) now_ = pair;
    return;
  }
  velocities_.add(last_, now_);
  last_ = now_;
  now_ = pair;
}

void LipDistance::skip() {
  velocities_.add(last_, now_);
  last_.reset();
  now_.reset();
}

std::optional<LipDistance::Result> LipDistance::result() const {
  Velocities velocities = velocities_;
  velocities.add(last_, now_);
  if (velocities.steps == 0) return std::nullopt;
  const double n = static_cast<double>(frames_);
  Result r;
  r.distance_px = lips_px_ / n;
  r.face_distance_px = face_px_ / n;
  r.distance = lips_ / n;
  r.face_distance = face_ / n;
  r.velocity_distance = velocities.sum / static_cast<double>(velocities.steps);
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
