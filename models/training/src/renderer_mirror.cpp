#include "renderer_mirror.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace visema::training {
namespace {

struct Pair {
  float distance;
  int first, second;
};

float mirrored_distance(const Point3& a, const Point3& b) {
  const float dx = a.x + b.x, dy = a.y - b.y, dz = a.z - b.z;
  return std::sqrt(dx * dx + dy * dy + dz * dz);
}

}  // namespace

MirrorMap mirror_map(const FaceMesh& face) {
  std::vector<Pair> pairs;
  for (int i = 0; i < kMeshPoints; ++i)
    for (int j = i; j < kMeshPoints; ++j)
      pairs.push_back({mirrored_distance(face[i], face[j]), i, j});
  std::sort(pairs.begin(), pairs.end(),
            [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
  MirrorMap map;
  map.fill(-1);
  for (const Pair& pair : pairs) {
    if (map[pair.first] >= 0 || map[pair.second] >= 0) continue;
    map[pair.first] = pair.second;
    map[pair.second] = pair.first;
  }
  return map;
}

void mirror(Image& picture) {
  for (int y = 0; y < picture.height; ++y)
    for (int left = 0, right = picture.width - 1; left < right; ++left, --right)
      std::swap_ranges(picture.at(left, y), picture.at(left, y) + 3, picture.at(right, y));
}

void mirror(std::span<Point2, kMeshPoints> points, const MirrorMap& map, int width) {
  std::array<Point2, kMeshPoints> before;
  std::copy(points.begin(), points.end(), before.begin());
  for (int i = 0; i < kMeshPoints; ++i) {
    const Point2& from = before[static_cast<std::size_t>(map[i])];
    points[static_cast<std::size_t>(i)] = {static_cast<float>(width) - from.x, from.y};
  }
}

}  // namespace visema::training
