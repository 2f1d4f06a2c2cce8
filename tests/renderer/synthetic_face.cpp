#include "synthetic_face.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "visema/core/face_points.h"

namespace visema::test {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr int kVertices = 468;

const std::vector<int> kOval(kFaceOval.begin(), kFaceOval.end());
const std::vector<int> kOuter(kOuterLips.begin(), kOuterLips.end());
const std::vector<int> kInner(kInnerLips.begin(), kInnerLips.end());
/// From the picture's right cheek around the chin to the left cheek, inside the jaw line.
const std::vector<int> kLowerRing = {435, 367, 364, 394, 395, 369, 396, 175,
                                     171, 140, 170, 169, 135, 138, 215};

struct Placed {
  int index;
  float x, y;
};
/// Nose, eye corners and what the mask's upper edge hangs on.
const std::vector<Placed> kPlaced = {
    {4, 0, 0.35F},       {2, 0, 0.535F},       {164, 0, 0.59F},     {98, -0.16F, 0.49F},
    {327, 0.16F, 0.49F}, {165, -0.2F, 0.6F},   {391, 0.2F, 0.6F},   {203, -0.26F, 0.48F},
    {423, 0.26F, 0.48F}, {206, -0.33F, 0.56F}, {426, 0.33F, 0.56F}, {205, -0.43F, 0.47F},
    {425, 0.43F, 0.47F}, {207, -0.49F, 0.6F},  {427, 0.49F, 0.6F},  {187, -0.59F, 0.55F},
    {411, 0.59F, 0.55F}, {213, -0.68F, 0.66F}, {433, 0.68F, 0.66F}, {33, -0.5F, 0},
    {263, 0.5F, 0}};

struct Circle {
  double x, y, squared;
};
Circle circumcircle(Point2 a, Point2 b, Point2 c) {
  const double bx = b.x - a.x, by = b.y - a.y, cx = c.x - a.x, cy = c.y - a.y;
  const double d = 2 * (bx * cy - by * cx);
  const double ux = (cy * (bx * bx + by * by) - by * (cx * cx + cy * cy)) / d;
  const double uy = (bx * (cx * cx + cy * cy) - cx * (bx * bx + by * by)) / d;
  return {a.x + ux, a.y + uy, ux * ux + uy * uy};
}

/// Bowyer-Watson.
std::vector<FaceTriangles::Triangle> triangulate(std::vector<Point2> points) {
  const int count = static_cast<int>(points.size());
  points.insert(points.end(), {{-50, -50}, {50, -50}, {0, 80}});
  struct Cell {
    FaceTriangles::Triangle corners;
    Circle circle;
  };
  const auto cell = [&](int a, int b, int c) {
    return Cell{{a, b, c}, circumcircle(points[a], points[b], points[c])};
  };
  std::vector<Cell> cells = {cell(count, count + 1, count + 2)};
  for (int i = 0; i < count; ++i) {
    std::vector<std::array<int, 2>> edges;
    std::erase_if(cells, [&](const Cell& c) {
      const double dx = points[i].x - c.circle.x, dy = points[i].y - c.circle.y;
      if (dx * dx + dy * dy >= c.circle.squared) return false;
      for (int k = 0; k < 3; ++k) edges.push_back({c.corners[k], c.corners[(k + 1) % 3]});
      return true;
    });
    for (const auto& edge : edges) {
      const bool shared = std::any_of(edges.begin(), edges.end(), [&](const auto& other) {
        return other[0] == edge[1] && other[1] == edge[0];
      });
      if (!shared) cells.push_back(cell(edge[0], edge[1], i));
    }
  }
  std::vector<FaceTriangles::Triangle> triangles;
  for (const Cell& c : cells)
    if (std::all_of(c.corners.begin(), c.corners.end(), [&](int i) { return i < count; }))
      triangles.push_back(c.corners);
  return triangles;
}

SyntheticFace make_face() {
  SyntheticFace face;
  std::vector<bool> set(kMeshPoints);
  const auto put = [&](int index, float x, float y) {
    face.mesh[index] = {x, y, 0.5F * (x * x + (y - 0.4F) * (y - 0.4F)) - 0.3F};
    set[index] = true;
  };
  const auto ring = [&](const std::vector<int>& indices, float cy, float rx, float ry,
                        float first) {
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const float angle =
          first + 2 * kPi * static_cast<float>(i) / static_cast<float>(indices.size());
      put(indices[i], rx * std::cos(angle), cy + ry * std::sin(angle));
    }
  };
  ring(kOval, 0.37F, 0.86F, 1.0F, -kPi / 2);
  ring(kOuter, 0.79F, 0.28F, 0.12F, kPi);
  ring(kInner, 0.79F, 0.2F, 0.015F, kPi);
  for (std::size_t i = 0; i < kLowerRing.size(); ++i) {
    const float angle = kPi * (0.1F + 0.8F * static_cast<float>(i) / 14);
    put(kLowerRing[i], 0.78F * std::cos(angle), 0.37F + 0.91F * std::sin(angle));
  }
  for (const Placed& p : kPlaced) put(p.index, p.x, p.y);
  // The rest is strewn over the face.
  std::mt19937 random(7);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (int i = 0; i < kMeshPoints; ++i)
    while (!set[i]) {
      const float x = uniform(random), y = uniform(random);
      const float px = 0.86F * x, py = 0.37F + y;
      if (x * x + y * y > 0.9F || std::hypot(px / 0.3F, (py - 0.79F) / 0.14F) < 1) continue;
      put(i, px, py);
    }
  std::vector<Point2> points;
  for (int i = 0; i < kVertices; ++i) points.push_back({face.mesh[i].x, face.mesh[i].y});
  face.triangles = triangulate(points);
  return face;
}

}  // namespace

const SyntheticFace& synthetic_face() {
  static const SyntheticFace face = make_face();
  return face;
}

FaceMesh open_mouth(const FaceMesh& canonical, float units) {
  FaceMesh open = canonical;
  for (Point3& p : open) {
    const float below = std::clamp((p.y - 0.79F) / 0.02F, 0.0F, 1.0F);
    const float side = std::max(0.0F, 1 - p.x * p.x);
    p.y += units * below * side;
  }
  return open;
}

FaceMesh place(const FaceMesh& canonical, const HeadPose& pose) {
  FaceMesh placed;
  const auto& r = pose.rotation;
  for (int i = 0; i < kMeshPoints; ++i) {
    const Point3 c = canonical[i];
    placed[i] = {pose.scale * (r[0] * c.x + r[1] * c.y + r[2] * c.z) + pose.translation.x,
                 pose.scale * (r[3] * c.x + r[4] * c.y + r[5] * c.z) + pose.translation.y,
                 pose.scale * (r[6] * c.x + r[7] * c.y + r[8] * c.z) + pose.translation.z};
  }
  return placed;
}

HeadPose pose_at(float x, float y, float scale, float roll, float yaw) {
  const float cr = std::cos(roll), sr = std::sin(roll), cy = std::cos(yaw), sy = std::sin(yaw);
  HeadPose pose;
  pose.scale = scale;
  pose.rotation = {cr * cy, -sr, cr * sy, sr * cy, cr, sr * sy, -sy, 0, cy};
  pose.translation = {x, y, 0};
  return pose;
}

Image test_picture(int width, int height) {
  Image picture(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const float fx = static_cast<float>(x), fy = static_cast<float>(y);
      picture.at(x, y)[0] = static_cast<std::uint8_t>(128 + 100 * std::sin(fx * 0.05F));
      picture.at(x, y)[1] = static_cast<std::uint8_t>(128 + 100 * std::cos(fy * 0.04F));
      picture.at(x, y)[2] = static_cast<std::uint8_t>(128 + 60 * std::sin((fx + fy) * 0.3F));
    }
  return picture;
}

}  // namespace visema::test
