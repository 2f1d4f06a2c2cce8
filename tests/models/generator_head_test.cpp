#include "generator_head.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace visema {
namespace {

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

TEST(GeneratorHeadTest, IsTheFormula) {
  for (const std::int64_t width : {2, 6, 18, 32, 96}) {
    const std::int64_t height = 4, size = height * width;
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0, 3);
    std::vector<float> heads(static_cast<std::size_t>(size / 4 * 20));
    std::vector<float> planes(static_cast<std::size_t>(size * 13));
    for (float& value : heads) value = normal(random);
    for (float& value : planes) value = std::abs(normal(random)) / 6;
    heads[0] = 400;  // beyond what exp can say
    heads[1] = -400;
    std::vector<float> result(static_cast<std::size_t>(size * 4), -1);
    GeneratorHead::finish(heads.data(), planes.data(), height, width, result.data());
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t pixel = y * width + x;
        const auto head = [&](int c) -> double {
          return heads[(y / 2 * (width / 2) + x / 2) * 20 + c * 4 + y % 2 * 2 + x % 2];
        };
        const auto plane = [&](int c) -> double { return planes[c * size + pixel]; };
        const double share = sigmoid(head(4) - 2);
        for (int c = 0; c < 3; ++c) {
          const double colour =
              plane(4 + c) + share * (plane(7 + c) - plane(4 + c)) + std::tanh(head(c));
          ASSERT_NEAR(result[c * size + pixel], std::clamp(colour, 0.0, 1.0), 2e-6)
              << width << ": " << x << ", " << y;
        }
        const double painted = std::clamp(plane(10) * 8, 0.0, 1.0);
        ASSERT_NEAR(result[3 * size + pixel], painted + (1 - painted) * sigmoid(head(3)), 2e-6)
            << width << ": " << x << ", " << y;
      }
  }
}

}  // namespace
}  // namespace visema
