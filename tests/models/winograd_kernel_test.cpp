#include "winograd_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace visema {
namespace {

struct Shape {
  std::int64_t height, width, ins, outs;
};

std::vector<float> noise(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(random);
  return values;
}

/// The sum as it is defined, in double.
double direct(const std::vector<float>& x, const std::vector<float>& weight, const Shape& s,
              std::int64_t row, std::int64_t column, std::int64_t out) {
  double sum = 0;
  for (std::int64_t i = 0; i < 3; ++i)
    for (std::int64_t j = 0; j < 3; ++j) {
      const std::int64_t y = row + i - 1, z = column + j - 1;
      if (y < 0 || y >= s.height || z < 0 || z >= s.width) continue;
      for (std::int64_t k = 0; k < s.ins; ++k)
        sum += static_cast<double>(x[(y * s.width + z) * s.ins + k]) *
               weight[((out * s.ins + k) * 3 + i) * 3 + j];
    }
  return sum;
}

class WinogradKernelTest : public testing::TestWithParam<Shape> {};

TEST_P(WinogradKernelTest, IsTheConvolution) {
  const Shape s = GetParam();
  const auto x = noise(s.height * s.width * s.ins, 1);
  const auto weight = noise(s.outs * s.ins * 9, 2);
  const auto bias = noise(s.outs, 3);
  const auto added = noise(s.height * s.width * s.outs, 4);
  const WinogradKernel kernel(weight, bias, s.outs, s.ins);
  std::vector<float> plain(added.size(), -1e9F), ended(added.size(), -1e9F);
  const std::int64_t rows = WinogradKernel::tile_rows(s.height);
  kernel.run(x.data(), plain.data(), s.height, s.width, {}, 0, rows);
  // In two parts, as two threads would.
  kernel.run(x.data(), ended.data(), s.height, s.width, {added.data(), 0.1F}, rows / 2, rows);
  kernel.run(x.data(), ended.data(), s.height, s.width, {added.data(), 0.1F}, 0, rows / 2);

  const double tolerance = 1e-4 * std::sqrt(9.0 * static_cast<double>(s.ins));
  std::size_t at = 0;
  for (std::int64_t row = 0; row < s.height; ++row)
    for (std::int64_t column = 0; column < s.width; ++column)
      for (std::int64_t out = 0; out < s.outs; ++out, ++at) {
        const double sum = direct(x, weight, s, row, column, out) + bias[out];
        ASSERT_NEAR(plain[at], sum, tolerance) << row << ", " << column << ", " << out;
        const double with_added = sum + added[at];
        ASSERT_NEAR(ended[at], with_added > 0 ? with_added : 0.1 * with_added, tolerance)
            << row << ", " << column << ", " << out;
      }
}

INSTANTIATE_TEST_SUITE_P(Shapes, WinogradKernelTest,
                         testing::Values(Shape{1, 1, 1, 1}, Shape{4, 4, 8, 16}, Shape{5, 7, 3, 5},
                                         Shape{12, 12, 128, 128}, Shape{24, 24, 96, 96},
                                         Shape{10, 26, 52, 20}, Shape{33, 30, 21, 19},
                                         Shape{96, 96, 32, 32}));

}  // namespace
}  // namespace visema
