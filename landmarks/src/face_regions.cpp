#include "visema/landmarks/face_regions.h"

#include <algorithm>
#include <cmath>

namespace visema {
namespace {

float smoothstep(float from, float to, float x) {
  const float t = std::clamp((x - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

float distance(Point3 a, Point3 b) {
  return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

// Speech moves the cheeks from higher up than the skin between nose and lip; next to the ears only
// what lies well below the jaw's hinge.
float height_weight(Point3 p) {
  const float side = std::abs(p.x);
  const float cheek = smoothstep(0.18F, 0.40F, side);
  const float ear = smoothstep(0.65F, 0.85F, side);
  const float start = 0.50F - 0.14F * cheek + 0.10F * ear;
  const float span = 0.16F + 0.16F * cheek + 0.14F * ear;
  return smoothstep(start, start + span, p.y);
}

}  // namespace

RegionWeights lower_face_weights(const FaceMesh& canonical) {
  RegionWeights weights{};
  for (int i = 0; i < kMeshPoints; ++i) weights[i] = height_weight(canonical[i]);
  for (const auto i : kNose) weights[i] = 0;
  for (const auto i : kRightIris) weights[i] = 0;
  for (const auto i : kLeftIris) weights[i] = 0;
  for (const auto i : kLips) weights[i] = 1;
  return weights;
}

RegionWeights upper_face_weights(const FaceMesh& canonical) {
  RegionWeights weights = lower_face_weights(canonical);
  for (int i = 0; i < kMeshPoints; ++i) {
    // The border follows the hair and the background more than the face.
    const float inside = 1 - smoothstep(0.60F, 0.80F, std::abs(canonical[i].x));
    weights[i] = (1 - weights[i]) * inside;
  }
  for (const auto i : kNose) weights[i] = 0;
  for (const auto i : kFaceOval) weights[i] = 0;
  for (const auto i : kLips) weights[i] = 0;
  return weights;
}

float inner_lip_gap(const FaceMesh& m) {
  float sum = 0;
  for (const auto& [upper, lower] : kLipGapPairs) sum += m[lower].y - m[upper].y;
  return sum / kLipGapPairs.size();
}

float mouth_width(const FaceMesh& m) {
  return distance(m[61], m[291]);
}

float face_width(const FaceMesh& m) {
  return distance(m[234], m[454]);
}

float eye_aspect(const FaceMesh& m, Eye eye) {
  const auto& contour = eye == Eye::kRight ? kRightEye : kLeftEye;
  float opening = 0;
  for (const int i : {3, 4, 5}) opening += distance(m[contour[i]], m[contour[16 - i]]) / 3;
  const float width = distance(m[contour[0]], m[contour[8]]);
  return width > 0 ? opening / width : 0;
}

}  // namespace visema
