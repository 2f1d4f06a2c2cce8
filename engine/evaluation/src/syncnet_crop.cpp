#include "visema/evaluation/syncnet_crop.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "median.h"
#include "visema/models/syncnet_network.h"
#include "visema/renderer/face_crop.h"

namespace visema {
namespace {

constexpr float kMargin = 0.4F;

float median_of(std::span<const SyncnetFace> faces, float SyncnetFace::*number) {
  std::vector<float> values;
  for (const SyncnetFace& face : faces) values.push_back(face.*number);
  return median(std::move(values));
}

}  // namespace

SyncnetFace syncnet_face(const FaceMesh& px) {
  const auto [left, right] = std::minmax_element(
      px.begin(), px.end(), [](const Point3& a, const Point3& b) { return a.x < b.x; });
  const auto [top, bottom] = std::minmax_element(
      px.begin(), px.end(), [](const Point3& a, const Point3& b) { return a.y < b.y; });
  return {(left->x + right->x) / 2, (top->y + bottom->y) / 2,
          std::max(right->x - left->x, bottom->y - top->y) / 2};
}

SyncnetFace median(std::span<const SyncnetFace> faces) {
  return {median_of(faces, &SyncnetFace::x), median_of(faces, &SyncnetFace::y),
          median_of(faces, &SyncnetFace::half)};
}

Image syncnet_crop(const Image& picture, const SyncnetFace& face) {
  const float half = std::max(1.0F, face.half);
  const float scale = kSyncnetSize / (half * (2 + 2 * kMargin));
  const float left = face.x - half * (1 + kMargin);
  const float top = face.y - half;
  return extract_crop(picture, {scale, 0, -scale * left, -scale * top}, kSyncnetSize);
}

}  // namespace visema
