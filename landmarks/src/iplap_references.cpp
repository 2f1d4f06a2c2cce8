#include "visema/landmarks/iplap_references.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace visema {
namespace {

constexpr int kUpperLip = 0;
constexpr int kLowerLip = 17;

float openness(const TrackedFace& face) {
  const Point3& upper = face.mesh[kUpperLip];
  const Point3& lower = face.mesh[kLowerLip];
  const float open = std::hypot(upper.x - lower.x, upper.y - lower.y) / face.pose.scale;
  return std::isfinite(open) ? open : 0;  // a damaged avatar must not break the order
}

}  // namespace

std::vector<std::size_t> iplap_references(const std::vector<LandmarkFrame>& frames, int wanted) {
  std::vector<std::pair<float, std::size_t>> faces;
  for (std::size_t i = 0; i < frames.size(); ++i)
    if (frames[i].face) faces.emplace_back(openness(*frames[i].face), i);
  std::sort(faces.begin(), faces.end());
  std::vector<std::size_t> chosen;
  if (faces.empty()) return chosen;
  const std::size_t last = faces.size() - 1;
  for (int i = 0; i < wanted; ++i) {
    const std::size_t steps = std::max(1, wanted - 1);
    chosen.push_back(faces[static_cast<std::size_t>(i) * last / steps].second);
  }
  return chosen;
}

}  // namespace visema
