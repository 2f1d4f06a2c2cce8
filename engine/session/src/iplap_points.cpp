#include "iplap_points.h"

#include "visema/renderer/iplap_sketch.h"

namespace visema::session {

IplapPoints normalised(const FaceMesh& mesh, const PixelBox& crop) {
  IplapPoints points = iplap_points(mesh);
  for (Point2& p : points) {
    p.x = (p.x - static_cast<float>(crop.x0)) / static_cast<float>(crop.width());
    p.y = (p.y - static_cast<float>(crop.y0)) / static_cast<float>(crop.height());
  }
  return points;
}

void put_rows(const IplapPoints& points, int first, int count, float* rows) {
  for (int i = 0; i < count; ++i) {
    rows[i] = points[first + i].x;
    rows[count + i] = points[first + i].y;
  }
}

void take_rows(const float* rows, int first, int count, IplapPoints& points) {
  for (int i = 0; i < count; ++i) points[first + i] = {rows[i], rows[count + i]};
}

void append_sketch(const IplapPoints& points, const PixelBox& crop, std::vector<float>& sketches) {
  std::array<float, std::size_t{kIplapSketchSize} * kIplapSketchSize> sketch;
  draw_iplap_sketch(points, crop.width(), crop.height(), sketch);
  for (float& ink : sketch) ink /= 255;
  for (int plane = 0; plane < 3; ++plane)
    sketches.insert(sketches.end(), sketch.begin(), sketch.end());
}

}  // namespace visema::session
