#include "visema/core/iplap_points.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace visema {
namespace {

TEST(IplapPoints, agree_with_the_published_set) {
  std::ifstream in(std::filesystem::path(VISEMA_SOURCE_DIR) /
                   "../shared/golden/iplap/landmark_set.json");
  if (!in) GTEST_SKIP() << "golden/iplap/landmark_set.json is absent";
  const auto golden = nlohmann::json::parse(in);
  const auto& points = golden["mediapipe_index_of_point"];
  ASSERT_EQ(points.size(), kIplapIndices.size());
  for (std::size_t i = 0; i < points.size(); ++i) EXPECT_EQ(points[i], kIplapIndices[i]) << i;
  const auto& edges = golden["edges"];
  ASSERT_EQ(edges.size(), kIplapEdges.size());
  for (std::size_t i = 0; i < edges.size(); ++i) {
    EXPECT_EQ(edges[i][0], kIplapEdges[i][0]) << i;
    EXPECT_EQ(edges[i][1], kIplapEdges[i][1]) << i;
  }
}

TEST(IplapPoints, content_goes_back_where_it_came_from) {
  FaceMesh mesh;
  for (int i = 0; i < kMeshPoints; ++i) mesh[i] = {1.0F * i, 2.0F * i, 3.0F * i};
  const auto points = iplap_points(mesh);
  EXPECT_EQ(points[0].x, 162);
  EXPECT_EQ(points[130].y, 190);
  std::array<Point2, kIplapContent> content;
  for (int i = 0; i < kIplapContent; ++i) {
    content[i] = {points[kIplapPose + i].x + 0.5F, points[kIplapPose + i].y};
  }
  set_iplap_content(mesh, content);
  EXPECT_EQ(mesh[95].x, 95.5F);
  EXPECT_EQ(mesh[95].z, 285);
  EXPECT_EQ(mesh[162].x, 162);
}

}  // namespace
}  // namespace visema
