#include "visema/renderer/iplap_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "visema/models/tensor_file.h"

namespace visema {
namespace {

const std::filesystem::path kGolden =
    VISEMA_SOURCE_DIR "/../shared/golden/iplap/sketch.safetensors";
constexpr std::size_t kPixels = kIplapSketchSize * kIplapSketchSize;
using Points = std::array<Point2, kIplapPoints>;

std::vector<float> sketch_of(const Points& points, int width, int height) {
  std::vector<float> sketch(kPixels, -1);
  draw_iplap_sketch(points, width, height, sketch);
  return sketch;
}

Points everywhere(Point2 p) {
  Points points;
  points.fill(p);
  return points;
}

TEST(IplapSketch, EqualsTheReferenceBitForBit) {
  if (!std::filesystem::exists(kGolden)) GTEST_SKIP() << kGolden << " is absent";
  const TensorFile golden = TensorFile::open(kGolden);
  const auto xy = golden.floats("points");
  ASSERT_EQ(xy.size(), std::size_t{2} * kIplapPoints);
  Points points;
  for (int i = 0; i < kIplapPoints; ++i) points[i] = {xy[i], xy[kIplapPoints + i]};
  for (const auto& [height, width] : {std::pair(160, 128), {128, 128}, {201, 173}}) {
    const auto name = "sketch_" + std::to_string(height) + "x" + std::to_string(width);
    const auto expected = golden.floats(name);
    const auto drawn = sketch_of(points, width, height);
    ASSERT_EQ(expected.size(), drawn.size());
    EXPECT_TRUE(std::equal(drawn.begin(), drawn.end(), expected.begin())) << name;
  }
}

TEST(IplapSketch, LeavesOutEdgesWithAnEndOutside) {
  const auto ink = [](const std::vector<float>& sketch) {
    return std::count_if(sketch.begin(), sketch.end(), [](float v) { return v > 0; });
  };
  Points points = everywhere({1.5F, 0.5F});
  EXPECT_EQ(ink(sketch_of(points, 128, 128)), 0);
  EXPECT_EQ(ink(sketch_of(everywhere({std::numeric_limits<float>::quiet_NaN(), 0}), 90, 70)), 0);
  points[0] = {0, 0};  // mesh point 162, whose only neighbour is 127
  EXPECT_EQ(ink(sketch_of(points, 128, 128)), 0);
  points[1] = {1, 0};
  EXPECT_EQ(ink(sketch_of(points, 128, 128)), kIplapSketchSize);
}

TEST(IplapSketch, TakesAnyShapeOfCrop) {
  Points diagonal = everywhere({2, 2});
  diagonal[0] = {0, 0};
  diagonal[1] = {1, 1};
  for (const auto& [width, height] : {std::pair(1, 1), {48, 300}, {4000, 17}, {127, 129}}) {
    const auto sketch = sketch_of(diagonal, width, height);
    const auto [least, most] = std::minmax_element(sketch.begin(), sketch.end());
    EXPECT_EQ(*least, 0) << width << "x" << height;
    EXPECT_GT(*most, 0) << width << "x" << height;
    EXPECT_LE(*most, 224) << width << "x" << height;
  }
}

}  // namespace
}  // namespace visema
