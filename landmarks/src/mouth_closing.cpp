#include <algorithm>
#include <cmath>

#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/rest_face.h"

namespace visema {
namespace {

constexpr int kColumns = 11;          // of the lips, corner to corner
constexpr float kUpperShare = 0.25F;  // of the gap that the upper lip closes

float smoothstep(float from, float to, float x) {
  const float t = std::clamp((x - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

// How the two lips move, by column; columns are index 0..10 of the lip contours above and the
// mirrored ones below.
struct LipMotion {
  std::array<float, kColumns> x{};
  std::array<Point3, kColumns> upper{};
  std::array<Point3, kColumns> lower{};
  float corner_y = 0;

  static Point3 at(const std::array<float, kColumns>& x, const std::array<Point3, kColumns>& value,
                   float where) {
    if (where <= x.front()) return value.front();
    for (int c = 1; c < kColumns; ++c) {
      if (where > x[c]) continue;
      const float t = (where - x[c - 1]) / std::max(1e-6F, x[c] - x[c - 1]);
      const Point3 &a = value[c - 1], &b = value[c];
      return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t};
    }
    return value.back();
  }
};

int lower_of(int column) {
  return (20 - column) % 20;
}

LipMotion lip_motion(const FaceMesh& mesh) {
  LipMotion motion;
  for (int c = 0; c < kColumns; ++c) {
    const Point3 up = mesh[kInnerLips[c]];
    const Point3 low = mesh[kInnerLips[lower_of(c)]];
    const float gap = std::max(0.0F, low.y - up.y);
    const float dx = (low.x - up.x) / 2;
    const float dz = (low.z - up.z) / 2;
    motion.x[c] = (up.x + low.x) / 2;
    motion.upper[c] = {dx, kUpperShare * gap, dz};
    motion.lower[c] = {-dx, -(1 - kUpperShare) * gap, -dz};
  }
  motion.corner_y = (mesh[78].y + mesh[308].y) / 2;
  return motion;
}

void add(Point3& p, Point3 d, float weight) {
  p.x += d.x * weight;
  p.y += d.y * weight;
  p.z += d.z * weight;
}

// The skin next to the lips follows them, fading to the nose above; below, it goes over into the
// motion of the jaw at the chin and beside the mouth.
Point3 skin_motion(Point3 p, const FaceMesh& mesh, const LipMotion& motion, float jaw_drop) {
  const float half_width = std::max(0.05F, (mesh[291].x - mesh[61].x) / 2);
  const float beside = std::abs(p.x - (mesh[291].x + mesh[61].x) / 2) / half_width;
  const float below = smoothstep(-0.04F, 0.10F, p.y - motion.corner_y);

  const float nose_y = mesh[2].y;
  const float near_lip = smoothstep(nose_y, std::max(nose_y + 0.05F, mesh[0].y), p.y);
  const float rise = LipMotion::at(motion.x, motion.upper, p.x).y * near_lip;

  const float lip_bottom = mesh[17].y;
  const float chin = std::max(lip_bottom + 0.1F, mesh[152].y);
  const float of_jaw = std::max(smoothstep(lip_bottom, chin, p.y), smoothstep(0.5F, 1.2F, beside));
  const float lip_drop = LipMotion::at(motion.x, motion.lower, p.x).y;
  const float drop = lip_drop + (jaw_drop - lip_drop) * of_jaw;
  return {0, rise * (1 - below) + drop * below, 0};
}

}  // namespace

FaceMesh close_mouth(const FaceMesh& stabilised, const CanonicalFace& face) {
  const float gap = inner_lip_gap(stabilised);
  if (!(gap > 0)) return stabilised;
  const LipMotion motion = lip_motion(stabilised);
  // A small gap is lips alone, a wide one a dropped jaw.
  const float jaw_share = 0.75F * smoothstep(0.04F, 0.22F, gap);
  const RegionWeights weights = lower_face_weights(face.mesh());

  FaceMesh out = stabilised;
  const FaceMesh& shape = face.mesh();
  const float reach = std::max(0.1F, shape[132].z - shape[152].z);
  for (int i = 0; i < kMeshPoints; ++i) {
    // The jaw turns about the ears: points rise with their distance from them.
    const float hinge_distance = std::clamp((shape[132].z - shape[i].z) / reach, 0.0F, 1.0F);
    const float jaw_drop = motion.lower[kColumns / 2].y * jaw_share * hinge_distance;
    add(out[i], skin_motion(stabilised[i], stabilised, motion, jaw_drop), weights[i]);
  }
  for (const auto* ring : {&kOuterLips, &kOuterLipRing, &kInnerLipRing, &kInnerLips}) {
    for (int i = 0; i < 20; ++i) {
      const int index = (*ring)[i];
      const int column = i <= 10 ? i : lower_of(i);
      out[index] = stabilised[index];
      Point3 d = i <= 10 ? motion.upper[column] : motion.lower[column];
      // Sideways and in depth only where the lips meet, so that they keep their shape.
      if (ring != &kInnerLips) d.x = d.z = 0;
      add(out[index], d, 1);
    }
  }
  return out;
}

}  // namespace visema
