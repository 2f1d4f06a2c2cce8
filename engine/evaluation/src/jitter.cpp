#include "visema/evaluation/jitter.h"

#include <algorithm>
#include <cmath>

#include "median.h"
#include "visema/core/face_points.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

/// Forehead, nose bridge, eye corners: points that speech does not move.
constexpr std::array<std::uint16_t, 14> kRigid = {10, 151, 9,   8,   168, 6,   197,
                                                  33, 133, 263, 362, 109, 338, 195};

template <std::size_t N>
float tremble(const std::array<std::uint16_t, N>& points, const FaceMesh& before,
              const FaceMesh& now, const FaceMesh& after) {
  double sum = 0;
  for (const std::uint16_t i : points) {
    const double x = now[i].x - 0.5 * (before[i].x + after[i].x);
    const double y = now[i].y - 0.5 * (before[i].y + after[i].y);
    sum += x * x + y * y;
  }
  return static_cast<float>(1000 * std::sqrt(sum / N) / face_width(now));
}

}  // namespace

void Jitter::push(const FaceMesh& canonical) {
  if (frame_++ % every_ != 0) return;
  if (have_ == 2) {
    lips_.push_back(tremble(kLips, last_[1], last_[0], canonical));
    rigid_.push_back(tremble(kRigid, last_[1], last_[0], canonical));
  }
  last_[1] = last_[0];
  last_[0] = canonical;
  have_ = std::min(2, have_ + 1);
}

std::optional<Jitter::Result> Jitter::result() const {
  if (lips_.empty()) return std::nullopt;
  return Result{median(lips_), median(rigid_)};
}

}  // namespace visema
