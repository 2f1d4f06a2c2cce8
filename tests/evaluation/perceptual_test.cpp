#include "visema/evaluation/perceptual.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "visema/core/error.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

using nlohmann::json;

/// A network made for the test, of one convolution with a 1x1 kernel on 4x4 pixels.
class MadeUpNetwork {
 public:
  MadeUpNetwork(std::vector<float> weight, const json& output_shape)
      : path_(std::filesystem::temp_directory_path() /
              ("visema_perceptual_" + std::to_string(::getpid()) + ".safetensors")) {
    const json conv = {{"op", "conv2d"}, {"in", {"x"}},      {"out", "y"},         {"weight", "w"},
                       {"groups", 1},    {"stride", {1, 1}}, {"pad", {0, 0, 0, 0}}};
    const json graph = {{"version", 1},
                        {"input", {{"name", "x"}, {"value", "x"}, {"shape", {1, 4, 4, 3}}}},
                        {"outputs", {{{"name", "y"}, {"value", "y"}, {"shape", output_shape}}}},
                        {"ops", {conv}}};
    const auto channels = static_cast<std::int64_t>(weight.size() / 3);
    write_tensor_file(path_, {{"w", view_of(std::span<const float>(weight), {channels, 3, 1, 1})}},
                      {{"graph", graph.dump()}});
  }
  ~MadeUpNetwork() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Image plain(int side, std::array<std::uint8_t, 3> colour) {
  Image image(side, side);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = colour[i % 3];
  return image;
}

TEST(PerceptualDistanceTest, IsTheDistanceOfDirections) {
  const MadeUpNetwork network({1, 0, 0, 0, 1, 0}, {1, 4, 4, 2});  // features: red, green
  const PerceptualDistance perceptual(network.path());
  const Image red = plain(8, {200, 0, 9}), green = plain(8, {0, 100, 9}),
              dark_red = plain(8, {50, 0, 70}), yellow = plain(8, {80, 80, 0}),
              black = plain(8, {0, 0, 0});
  EXPECT_NEAR(perceptual.distance(red, green), 2, 1e-6);
  EXPECT_NEAR(perceptual.distance(red, dark_red), 0, 1e-6);  // only the direction counts
  EXPECT_NEAR(perceptual.distance(red, yellow), 2 - std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(perceptual.distance(red, black), 1, 1e-6);
  EXPECT_EQ(perceptual.distance(black, black), 0);
  Image half = red;  // right half green
  for (int y = 0; y < 8; ++y)
    for (int x = 4; x < 8; ++x) std::copy_n(green.at(x, y), 3, half.at(x, y));
  EXPECT_NEAR(perceptual.distance(red, half), 1, 1e-6);
}

TEST(PerceptualDistanceTest, RefusesOtherNetworksAndNoPicture) {
  const MadeUpNetwork vector({1, 0, 0}, {1, 16});
  EXPECT_THROW(PerceptualDistance(vector.path()), Error);
  const MadeUpNetwork network({1, 0, 0}, {1, 4, 4, 1});
  EXPECT_THROW(PerceptualDistance(network.path()).distance(Image(), plain(8, {1, 1, 1})), Error);
}

/// A soft blob with texture, blurred and noisy by so much.
Image photo(double blur, double noise) {
  constexpr int kSide = 160;
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  Image image(kSide, kSide);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      for (int c = 0; c < 3; ++c) {
        double value = 120;
        for (int k = 1; k <= 8; ++k)
          value += 14 * std::exp(-blur * k * k / 20) *
                   std::sin(2 * 3.14159265 * (x * k * 3 + y * (9 - k) * 2.0) / kSide + k + c);
        value += noise * normal(random);
        image.at(x, y)[c] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
  return image;
}

std::filesystem::path installed_network() {
  const char* folder = std::getenv("VISEMA_MODELS");
  const auto built = std::filesystem::path(VISEMA_BINARY_DIR) / "share/visema/models";
  return (folder != nullptr ? std::filesystem::path(folder) : built) /
         "mobilenet_features.safetensors";
}

TEST(PerceptualDistanceTest, GrowsWithBlurAndNoise) {
  const auto path = installed_network();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path.string() << " is not there";
  const PerceptualDistance perceptual(path);
  const Image sharp = photo(0, 0);
  EXPECT_EQ(perceptual.distance(sharp, sharp), 0);
  double blurred = 0, noisy = 0;
  for (const int step : {1, 2, 4}) {
    const double more_blurred = perceptual.distance(sharp, photo(step, 0));
    const double more_noisy = perceptual.distance(sharp, photo(0, 6 * step));
    EXPECT_GT(more_blurred, blurred + 0.005) << step;
    EXPECT_GT(more_noisy, noisy + 0.005) << step;
    blurred = more_blurred;
    noisy = more_noisy;
  }
  EXPECT_LT(std::max(blurred, noisy), 2);
  EXPECT_EQ(perceptual.distance(sharp, photo(2, 0)), perceptual.distance(photo(2, 0), sharp));
}

}  // namespace
}  // namespace visema
