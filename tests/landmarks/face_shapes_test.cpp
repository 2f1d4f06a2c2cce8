#include "visema/landmarks/face_shapes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "visema/core/error.h"
#include "visema/landmarks/head_pose.h"

namespace visema {
namespace {

/// Faces that are mixtures of a few.
std::vector<FaceMesh> mixtures(int count, int kinds) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<FaceMesh> parts(static_cast<std::size_t>(kinds));
  for (FaceMesh& part : parts)
    for (Point3& p : part) p = {normal(random), normal(random), normal(random)};
  std::vector<FaceMesh> faces(static_cast<std::size_t>(count));
  for (FaceMesh& face : faces)
    for (const FaceMesh& part : parts) {
      const float share = normal(random);
      for (std::size_t i = 0; i < face.size(); ++i) {
        face[i].x += share * part[i].x + 1;
        face[i].y += share * part[i].y;
        face[i].z += share * part[i].z;
      }
    }
  return faces;
}

double largest_difference(const FaceMesh& a, const FaceMesh& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max({most, std::abs(double{a[i].x} - b[i].x), std::abs(double{a[i].y} - b[i].y),
                     std::abs(double{a[i].z} - b[i].z)});
  return most;
}

TEST(FaceShapes, GiveBackWhatTheyCanExpress) {
  const auto faces = mixtures(40, 5);
  const FaceShapes shapes = fit_face_shapes(faces, 5);
  ASSERT_EQ(shapes.size(), 5);
  const auto again = shaped_faces(shapes, shape_coefficients(shapes, faces));
  ASSERT_EQ(again.size(), faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i)
    EXPECT_LT(largest_difference(faces[i], again[i]), 1e-4) << i;
}

TEST(FaceShapes, KeepTheStrongestWhenThereAreTooFew) {
  const auto faces = mixtures(60, 6);
  double before = 1e9;
  for (const int size : {1, 3, 6}) {
    const FaceShapes shapes = fit_face_shapes(faces, size);
    const auto again = shaped_faces(shapes, shape_coefficients(shapes, faces));
    double worst = 0;
    for (std::size_t i = 0; i < faces.size(); ++i)
      worst = std::max(worst, largest_difference(faces[i], again[i]));
    EXPECT_LT(worst, before) << size;
    before = worst;
  }
}

TEST(FaceShapes, AreNoMoreThanTheFaces) {
  const auto faces = mixtures(3, 5);
  EXPECT_EQ(fit_face_shapes(faces, 64).size(), 3);
  EXPECT_THROW(fit_face_shapes({}, 4), Error);
}

TEST(PlaneMap, IsThePoseOfTheFace) {
  const FaceMesh canonical = mixtures(1, 1)[0];
  HeadPose pose;
  pose.scale = 126;
  pose.rotation = {0.8F, 0, 0.6F, 0, 1, 0, -0.6F, 0, 0.8F};
  pose.translation = {96, 40, 3};
  std::vector<Point2> points;
  for (const Point3& p : canonical) {
    const Point3 seen = project(p, pose);
    points.push_back({seen.x, seen.y});
  }
  const PlaneMap map = fit_plane_map(canonical, points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point3& p = canonical[i];
    EXPECT_NEAR(map[0] * p.x + map[1] * p.y + map[2] * p.z + map[3], points[i].x, 1e-2);
    EXPECT_NEAR(map[4] * p.x + map[5] * p.y + map[6] * p.z + map[7], points[i].y, 1e-2);
  }
}

}  // namespace
}  // namespace visema
