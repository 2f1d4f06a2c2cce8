#include "visema/models/graph_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"
#include "visema/models/graph_convert.h"
#include "visema/models/tensor_file.h"

namespace visema {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class GraphNetworkTest : public ::testing::Test {
 protected:
  GraphNetworkTest()
      : path_(std::filesystem::temp_directory_path() /
              ("visema_graph_" + std::to_string(::getpid()) + ".safetensors")) {}
  ~GraphNetworkTest() override { std::filesystem::remove(path_); }

  void add(const std::string& name, std::vector<std::int64_t> shape, std::vector<float> values) {
    values_[name] = std::move(values);
    tensors_[name] = view_of(values_[name], std::move(shape));
  }
  GraphNetwork load(const json& input_shape, const json& output_shape, const json& ops) {
    const json graph = {{"version", 1},
                        {"input", {{"name", "x"}, {"value", "x"}, {"shape", input_shape}}},
                        {"outputs", {{{"name", "y"}, {"value", "y"}, {"shape", output_shape}}}},
                        {"ops", ops}};
    write_tensor_file(path_, tensors_, {{"graph", graph.dump()}});
    return GraphNetwork(path_);
  }
  void expect_refused(const json& ops, const std::string& reason) {
    try {
      load({1, 2, 2, 1}, {1, 2, 2, 1}, ops);
      FAIL() << "accepted " << ops;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kModel);
      EXPECT_THAT(error.what(), HasSubstr(reason));
      EXPECT_THAT(error.what(), HasSubstr(path_.string()));
    }
  }

  std::filesystem::path path_;
  std::map<std::string, std::vector<float>> values_;
  std::map<std::string, Tensor> tensors_;
};

/// Plain convolution, NHWC in, OIHW weights.
std::vector<float> convolve(const std::vector<float>& x, int h, int w, int c,
                            const std::vector<float>& weight, const std::vector<float>& bias,
                            int kernel, int stride, const std::array<int, 4>& pad, int groups) {
  const int outs = static_cast<int>(bias.size()), ins = c / groups;
  const int oh = (h + pad[0] + pad[1] - kernel) / stride + 1;
  const int ow = (w + pad[2] + pad[3] - kernel) / stride + 1;
  std::vector<float> y;
  for (int i = 0; i < oh; ++i)
    for (int j = 0; j < ow; ++j)
      for (int o = 0; o < outs; ++o) {
        double sum = bias[o];
        for (int a = 0; a < kernel; ++a)
          for (int b = 0; b < kernel; ++b)
            for (int k = 0; k < ins; ++k) {
              const int r = i * stride + a - pad[0], s = j * stride + b - pad[2];
              if (r < 0 || s < 0 || r >= h || s >= w) continue;
              const int channel = o / (outs / groups) * ins + k;
              sum += static_cast<double>(x[(r * w + s) * c + channel]) *
                     weight[((o * ins + k) * kernel + a) * kernel + b];
            }
        y.push_back(static_cast<float>(sum));
      }
  return y;
}

std::vector<float> ramp(std::size_t count, float scale) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(scale * (static_cast<float>((i * 37) % 101) / 50 - 1));
  }
  return values;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4) << i;
}

struct ConvolutionCase {
  int height, width, in, out, kernel, stride, groups;
  std::array<int, 4> pad;
};

class GraphConvolutionTest : public GraphNetworkTest,
                             public ::testing::WithParamInterface<ConvolutionCase> {};

TEST_P(GraphConvolutionTest, AgreesWithPlainLoops) {
  const auto p = GetParam();
  const auto weight = ramp(p.out * (p.in / p.groups) * p.kernel * p.kernel, 0.5f);
  const auto bias = ramp(p.out, 0.3f), slope = ramp(p.out, 0.2f);
  add("w", {p.out, p.in / p.groups, p.kernel, p.kernel}, weight);
  add("b", {p.out}, bias);
  add("a", {p.out}, slope);
  const auto x = ramp(static_cast<std::size_t>(p.height) * p.width * p.in, 1);
  auto expected =
      convolve(x, p.height, p.width, p.in, weight, bias, p.kernel, p.stride, p.pad, p.groups);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] < 0) expected[i] *= slope[i % p.out];
  }
  const int oh = (p.height + p.pad[0] + p.pad[1] - p.kernel) / p.stride + 1;
  const int ow = (p.width + p.pad[2] + p.pad[3] - p.kernel) / p.stride + 1;
  const auto network = load({1, p.height, p.width, p.in}, {1, oh, ow, p.out},
                            {{{"op", "conv2d"},
                              {"in", {"x"}},
                              {"out", "y"},
                              {"weight", "w"},
                              {"bias", "b"},
                              {"stride", {p.stride, p.stride}},
                              {"pad", p.pad},
                              {"groups", p.groups},
                              {"activation", "prelu"},
                              {"alpha", "a"}}});
  expect_near(network.run(x).at(0), expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, GraphConvolutionTest,
                         ::testing::Values(ConvolutionCase{9, 7, 3, 16, 3, 2, 1, {0, 1, 0, 1}},
                                           ConvolutionCase{8, 8, 16, 32, 1, 1, 1, {0, 0, 0, 0}},
                                           ConvolutionCase{5, 6, 16, 42, 1, 1, 1, {0, 0, 0, 0}},
                                           ConvolutionCase{7, 5, 24, 24, 3, 1, 24, {1, 1, 1, 1}},
                                           ConvolutionCase{8, 6, 32, 32, 3, 2, 32, {0, 1, 0, 1}},
                                           ConvolutionCase{1, 1, 20, 20, 3, 1, 20, {1, 1, 1, 1}},
                                           ConvolutionCase{6, 6, 8, 5, 2, 2, 1, {0, 0, 0, 0}},
                                           ConvolutionCase{3, 3, 128, 17, 3, 3, 1, {0, 0, 0, 0}},
                                           ConvolutionCase{12, 11, 1, 4, 5, 2, 1, {1, 2, 2, 2}}));

TEST_F(GraphNetworkTest, AddsWithMissingChannelsAsZeros) {
  add("w", {3, 2, 1, 1}, {1, 0, 0, 1, 1, 1});
  add("a", {3}, {0.5f, 0.5f, 0.5f});
  const auto network = load(
      {1, 1, 2, 2}, {1, 1, 2, 3},
      {{{"op", "conv2d"},
        {"in", {"x"}},
        {"out", "c"},
        {"weight", "w"},
        {"stride", {1, 1}},
        {"pad", {0, 0, 0, 0}},
        {"groups", 1}},
       {{"op", "add"}, {"in", {"x", "c"}}, {"out", "y"}, {"activation", "prelu"}, {"alpha", "a"}}});
  const std::vector<float> x = {1, -2, 3, 4};
  expect_near(network.run(x).at(0), {2, -2, -0.5f, 6, 8, 7});
  expect_near(network.run(x).at(0), {2, -2, -0.5f, 6, 8, 7});  // nothing was changed in place
}

TEST_F(GraphNetworkTest, ReshapesAndJoinsInNhwcOrder) {
  const auto network = load({1, 2, 2, 3}, {1, 8, 3},
                            {{{"op", "reshape"}, {"in", {"x"}}, {"out", "r"}, {"shape", {4, 3}}},
                             {{"op", "concat"}, {"in", {"r", "r"}}, {"out", "y"}, {"axis", 1}}});
  std::vector<float> x(12), twice;
  for (int i = 0; i < 12; ++i) x[i] = static_cast<float>(i);
  twice = x;
  twice.insert(twice.end(), x.begin(), x.end());
  expect_near(network.run(x).at(0), twice);
}

TEST_F(GraphNetworkTest, PoolsAndPads) {
  const auto network = load(
      {1, 2, 4, 1}, {1, 1, 2, 2},
      {{{"op", "max_pool"},
        {"in", {"x"}},
        {"out", "p"},
        {"kernel", {2, 2}},
        {"stride", {2, 2}},
        {"pad", {0, 0, 0, 0}}},
       {{"op", "pad"}, {"in", {"p"}}, {"out", "y"}, {"amount", {{0, 0}, {0, 0}, {0, 0}, {0, 1}}}}});
  expect_near(network.run(std::vector<float>{1, 2, -3, -4, 0, 5, -6, -7}).at(0), {5, 0, -3, 0});
}

TEST_F(GraphNetworkTest, RefusesBrokenGraphs) {
  expect_refused({{{"op", "teleport"}, {"in", {"x"}}, {"out", "y"}}}, "teleport");
  expect_refused({{{"op", "activation"}, {"in", {"z"}}, {"out", "y"}, {"activation", "relu"}}},
                 "'z'");
  expect_refused({{{"op", "activation"}, {"in", {"x"}}, {"out", "y"}, {"activation", "swash"}}},
                 "swash");
  expect_refused({{{"op", "conv2d"}, {"in", {"x"}}, {"out", "y"}, {"weight", "none"}}}, "none");
  expect_refused({{{"op", "reshape"}, {"in", {"x"}}, {"out", "y"}, {"shape", {5}}}}, "cannot run");
  expect_refused({{{"op", "reshape"}, {"in", {"x"}}, {"out", "y"}, {"shape", {4}}}},
                 "another shape");
  expect_refused({{{"op", "add"}, {"in", {"x"}}, {"out", "y"}}}, "cannot run");
  expect_refused({{{"op", "add"}, {"in", {"x", "x"}}, {"out", "x"}}}, "twice");
}

TEST_F(GraphNetworkTest, RefusesFilesWithoutGraphAndInputsOfAnotherSize) {
  write_tensor_file(path_, {});
  EXPECT_THROW(GraphNetwork{path_}, Error);
  const auto network =
      load({1, 2, 2, 1}, {1, 2, 2, 1},
           {{{"op", "activation"}, {"in", {"x"}}, {"out", "y"}, {"activation", "relu"}}});
  EXPECT_THROW(network.run(std::vector<float>(3)), Error);
  expect_near(network.run(std::vector<float>{1, -1, 2, -2}).at(0), {1, 0, 2, 0});
}

TEST(GraphConvert, RefusesOtherFiles) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto other = folder / ("visema_other_" + std::to_string(::getpid()));
  write_tensor_file(other, {});
  EXPECT_THROW(convert_face_mesh_assets(other, folder), Error);
  EXPECT_THROW(convert_tfjs_model(other, folder / "x.safetensors"), Error);
  EXPECT_THROW(convert_tfjs_model("/nowhere.json", folder / "x.safetensors"), Error);
  std::filesystem::remove(other);
}

}  // namespace
}  // namespace visema
