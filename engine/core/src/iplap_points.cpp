#include "visema/core/iplap_points.h"

namespace visema {

std::array<Point2, kIplapPoints> iplap_points(const FaceMesh& mesh) {
  std::array<Point2, kIplapPoints> points;
  for (int i = 0; i < kIplapPoints; ++i) {
    const Point3& p = mesh[kIplapIndices[i]];
    points[i] = {p.x, p.y};
  }
  return points;
}

void set_iplap_content(FaceMesh& mesh, const std::array<Point2, kIplapContent>& content) {
  for (int i = 0; i < kIplapContent; ++i) {
    Point3& p = mesh[kIplapIndices[kIplapPose + i]];
    p.x = content[i].x;
    p.y = content[i].y;
  }
}

}  // namespace visema
