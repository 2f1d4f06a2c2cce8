#include "face_tracker_smoother.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "face_refinement.h"

namespace visema {
namespace {

constexpr OneEuroRule kFast{10, 60, 8};   // lips, lids, irises
constexpr OneEuroRule kNormal{3, 40, 5};  // the rest
constexpr double kLongestGap = 0.25;      // seconds after which the past says nothing
constexpr float kLargestJump = 0.5f;      // face widths from frame to frame: a cut

/// True for the points that speech and blinks move fast.
std::array<bool, kMeshPoints> make_fast() {
  std::array<bool, kMeshPoints> fast{};
  for (const auto index : kLipPoints) fast[index] = true;
  for (std::size_t i = 0; i < 2 * kLidPoints; ++i) {  // lid contour and the skin next to it
    fast[kLeftEyePoints[i]] = fast[kRightEyePoints[i]] = true;
  }
  for (int i = 468; i < kMeshPoints; ++i) fast[i] = true;
  return fast;
}

float blend_factor(float cutoff_hz, float step_s) {
  const float tau = 1 / (2 * std::numbers::pi_v<float> * cutoff_hz);
  return 1 / (1 + tau / step_s);
}

struct Filter {
  OneEuroRule rule;
  float step_s;
  float width;
  float speed_blend;

  void operator()(float now, float& value, float& speed) const {
    const float seen = (now - value) / (width * step_s);
    speed += speed_blend * (seen - speed);
    const float cutoff = rule.min_cutoff_hz + rule.hz_per_speed * std::abs(speed);
    value += blend_factor(cutoff, step_s) * (now - value);
  }
};

float eye_distance(const FaceMesh& mesh) {
  return std::hypot(mesh[263].x - mesh[33].x, mesh[263].y - mesh[33].y, mesh[263].z - mesh[33].z);
}

}  // namespace

FaceMesh FaceSmoother::smooth(const FaceMesh& mesh, double time_s) {
  static const std::array<bool, kMeshPoints> kIsFast = make_fast();
  const double step = time_s - time_s_;
  const float width = std::max(eye_distance(mesh), 1.0f);
  const float jump = std::hypot(mesh[1].x - value_[1].x, mesh[1].y - value_[1].y);
  if (!started_ || step <= 0 || step > kLongestGap || jump > kLargestJump * width) {
    value_ = mesh;
    speed_ = {};
  } else {
    const auto step_s = static_cast<float>(step);
    const Filter filters[] = {
        {kNormal, step_s, width, blend_factor(kNormal.speed_cutoff_hz, step_s)},
        {kFast, step_s, width, blend_factor(kFast.speed_cutoff_hz, step_s)}};
    for (int i = 0; i < kMeshPoints; ++i) {
      const Filter& filter = filters[kIsFast[i] ? 1 : 0];
      filter(mesh[i].x, value_[i].x, speed_[i].x);
      filter(mesh[i].y, value_[i].y, speed_[i].y);
      filter(mesh[i].z, value_[i].z, speed_[i].z);
    }
  }
  started_ = true;
  time_s_ = time_s;
  return value_;
}

}  // namespace visema
