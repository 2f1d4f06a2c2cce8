#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "visema/core/error.h"
#include "visema/models/graph_convert.h"
#include "visema/models/graph_network.h"

namespace visema {
namespace {

using nlohmann::json;

std::string base64(const std::string& bytes) {
  static const std::string kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

/// Writes models by hand into a folder of its own.
class TfjsConvertTest : public ::testing::Test {
 protected:
  TfjsConvertTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("visema_tfjs_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~TfjsConvertTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  void constant(const std::string& name, const std::vector<std::int64_t>& shape,
                const std::vector<float>& values) {
    weights_.push_back({{"name", name}, {"shape", shape}, {"dtype", "float32"}});
    bytes_.append(reinterpret_cast<const char*>(values.data()), 4 * values.size());
    nodes_.push_back({{"name", name}, {"op", "Const"}});
  }
  void paddings(const std::string& name, const std::vector<std::int32_t>& values) {
    weights_.push_back({{"name", name}, {"shape", {4, 2}}, {"dtype", "int32"}});
    bytes_.append(reinterpret_cast<const char*>(values.data()), 4 * values.size());
    nodes_.push_back({{"name", name}, {"op", "Const"}});
  }
  void node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
            const json& attributes = json::object()) {
    nodes_.push_back({{"name", name}, {"op", op}, {"input", inputs}, {"attr", attributes}});
  }
  void picture(int height, int width, int channels) {
    json dims = {{{"size", "-1"}}};
    for (const int n : {height, width, channels}) dims.push_back({{"size", std::to_string(n)}});
    nodes_.push_back({{"name", "x"},
                      {"op", "Placeholder"},
                      {"attr", {{"shape", {{"shape", {{"dim", dims}}}}}}}});
  }
  static json valid_convolution() {
    return {{"data_format", {{"s", base64("NHWC")}}},
            {"padding", {{"s", base64("VALID")}}},
            {"dilations", {{"list", {{"i", {"1", "1", "1", "1"}}}}}},
            {"strides", {{"list", {{"i", {"1", "1", "1", "1"}}}}}}};
  }
  GraphNetwork convert_graph(const std::string& output) {
    write("model.json", json{{"modelTopology", {{"node", nodes_}}},
                             {"weightsManifest", {{{"paths", {"w.bin"}}, {"weights", weights_}}}}}
                            .dump());
    write("w.bin", bytes_);
    convert_tfjs_model(folder_ / "model.json", folder_ / "y.safetensors", {output});
    return GraphNetwork(folder_ / "y.safetensors");
  }

  std::filesystem::path folder_;
  json nodes_ = json::array(), weights_ = json::array();
  std::string bytes_;
};

TEST_F(TfjsConvertTest, NormalisesBeforePaddingAndRectifiesWithASlope) {
  picture(1, 2, 1);
  constant("middle", {1}, {10});
  constant("gain", {1}, {0.5});
  paddings("around", {0, 0, 1, 0, 0, 1, 0, 0});  // a row above, a column to the right
  constant("kernel", {2, 2, 1, 1}, {1, 2, 3, 4});
  constant("zero", {}, {0});
  constant("slope", {1}, {0.25});
  node("Sub", "sub", {"x", "middle"});
  node("Mul", "scaled", {"sub", "gain"});
  node("Pad", "padded", {"scaled", "around"});
  node("Conv2D", "conv", {"padded", "kernel"}, valid_convolution());
  node("Maximum", "above", {"zero", "conv"});
  node("Minimum", "below", {"zero", "conv"});
  node("Mul", "sloped", {"slope", "below"});
  node("AddV2", "y", {"above", "sloped"});
  const GraphNetwork network = convert_graph("y");
  // a = (x - 10) / 2; results 3 a0 + 4 a1 and 3 a1, negative ones by a quarter.
  const auto y = network.run(std::vector<float>{12, 4}).at(0);
  ASSERT_EQ(y.size(), 2u);
  EXPECT_NEAR(y[0], 0.25 * (3 * 1 + 4 * -3), 1e-5);
  EXPECT_NEAR(y[1], 0.25 * (3 * -3), 1e-5);
  EXPECT_NEAR(network.run(std::vector<float>{14, 14}).at(0)[0], 14, 1e-5);
}

TEST_F(TfjsConvertTest, FlattensAndFoldsNormsIntoMatrices) {
  picture(1, 2, 2);
  constant("kernel", {1, 1, 2, 1}, {1, 1});
  constant("flat", {2}, {-1, 2});
  constant("matrix", {2, 2}, {1, 2, 3, 4});
  constant("factor", {2}, {10, 1});
  constant("term", {2}, {0.5, -1});
  node("Conv2D", "conv", {"x", "kernel"}, valid_convolution());
  node("AddV2", "twice", {"conv", "conv"});
  node("Reshape", "row", {"twice", "flat"});
  node("MatMul", "product", {"row", "matrix"});
  node("Mul", "scaled", {"product", "factor"});
  node("AddV2", "y", {"scaled", "term"});
  const auto y = convert_graph("y").run(std::vector<float>{1, 2, 3, 4}).at(0);  // row: 6, 14
  ASSERT_EQ(y.size(), 2u);
  EXPECT_NEAR(y[0], 10 * (6 + 3 * 14) + 0.5, 1e-4);
  EXPECT_NEAR(y[1], 2 * 6 + 4 * 14 - 1, 1e-4);
}

TEST_F(TfjsConvertTest, KeepsWhatSeveralTakeAsItIs) {
  picture(1, 2, 1);
  constant("kernel", {1, 1, 1, 1}, {2});
  constant("three", {}, {3});
  constant("sixth", {}, {0.5});
  node("Conv2D", "conv", {"x", "kernel"}, valid_convolution());
  node("AddV2", "shifted", {"conv", "three"});
  node("Relu6", "gate", {"shifted"});
  node("Mul", "scaled", {"sixth", "conv"});
  node("Mul", "y", {"scaled", "gate"});
  const auto y = convert_graph("y").run(std::vector<float>{1, -1}).at(0);
  EXPECT_NEAR(y[0], 0.5 * 2 * 5, 1e-5);
  EXPECT_NEAR(y[1], 0.5 * -2 * 1, 1e-5);
}

TEST_F(TfjsConvertTest, WeighsChannelsByTheirMean) {
  picture(2, 2, 2);
  const json whole = {{"ksize", {{"list", {{"i", {"1", "2", "2", "1"}}}}}},
                      {"padding", {{"s", base64("VALID")}}}};
  node("AvgPool", "mean", {"x"}, whole);
  node("Mul", "weighed", {"mean", "x"});
  node("AddN", "y", {"weighed", "x"});
  const auto y = convert_graph("y").run(std::vector<float>{1, 0, 2, 0, 3, 0, 6, 8}).at(0);
  ASSERT_EQ(y.size(), 8u);
  EXPECT_NEAR(y[4], 3 * 3 + 3, 1e-5);
  EXPECT_NEAR(y[7], 2 * 8 + 8, 1e-5);
}

TEST_F(TfjsConvertTest, EnlargesPictures) {
  picture(1, 2, 1);
  weights_.push_back({{"name", "size"}, {"shape", {2}}, {"dtype", "int32"}});
  const std::int32_t size[] = {1, 4};
  bytes_.append(reinterpret_cast<const char*>(size), sizeof size);
  constant("anything", {1}, {0});
  constant("kernel", {2, 2, 1, 1}, {1, 2, 3, 4});
  constant("term", {1}, {0.5});
  node("ResizeBilinear", "large", {"x", "size"},
       {{"align_corners", {{"b", false}}}, {"half_pixel_centers", {{"b", true}}}});
  node("Conv2DBackpropInput", "blocks", {"anything", "kernel", "large"},
       {{"strides", {{"list", {{"i", {"1", "2", "2", "1"}}}}}}});
  node("AddV2", "y", {"blocks", "term"});
  const GraphNetwork network = convert_graph("y");
  EXPECT_EQ(network.outputs().front().shape, (std::vector<std::int64_t>{1, 2, 8, 1}));
  const auto y = network.run(std::vector<float>{0, 4}).at(0);  // enlarged: 0 1 3 4
  EXPECT_NEAR(y[2], 1 * 1 + 0.5, 1e-5);
  EXPECT_NEAR(y[5], 3 * 2 + 0.5, 1e-5);
  EXPECT_NEAR(y[8 + 4], 3 * 3 + 0.5, 1e-5);
  EXPECT_NEAR(y[8 + 7], 4 * 4 + 0.5, 1e-5);
}

TEST_F(TfjsConvertTest, RefusesWhatItWouldGetWrong) {
  picture(1, 2, 1);
  constant("one", {1}, {1});
  paddings("channels", {0, 0, 0, 0, 0, 0, 1, 0});
  node("Pad", "y", {"x", "channels"});
  EXPECT_THROW(convert_graph("y"), Error);
  nodes_.erase(nodes_.size() - 1);
  node("Minimum", "y", {"x", "one"});
  EXPECT_THROW(convert_graph("y"), Error);
  bytes_.pop_back();
  EXPECT_THROW(convert_graph("x"), Error);
}

const char* const kLayers = R"js({modelTopology:{model_config:{config:{layers:[
{name:"x",class_name:"InputLayer",config:{batch_input_shape:[null,2,2,1]},inbound_nodes:[]},
{name:"pad",class_name:"ZeroPadding2D",config:{padding:[[0,1],[0,1]]},inbound_nodes:[[["x",0,0,{}]]]},
{name:"conv",class_name:"Conv2D",config:{strides:[2,2],padding:"valid",dilation_rate:[1,1],activation:"linear",use_bias:!1,data_format:"channels_last"},inbound_nodes:[[["pad",0,0,{}]]]},
{name:"norm",class_name:"BatchNormalization",config:{epsilon:.5,center:!0},inbound_nodes:[[["conv",0,0,{}]]]},
{name:"six",class_name:"ReLU",config:{max_value:6},inbound_nodes:[[["norm",0,0,{}]]]},
{name:"sum",class_name:"Add",config:{},inbound_nodes:[[["norm",0,0,{}],["six",0,0,{}]]]},
{name:"end",class_name:"Dense",config:{},inbound_nodes:[[["sum",0,0,{}]]]}]}}},
weightsManifest:[{weights:[
{name:"conv/kernel",shape:[3,3,1,1],dtype:"float32",quantization:{min:-.5,scale:5e-1,dtype:"uint8"}},
{name:"norm/gamma",shape:[1],dtype:"float32"},{name:"norm/beta",shape:[1],dtype:"float32"},
{name:"norm/moving_mean",shape:[1],dtype:"float32"},{name:"norm/moving_variance",shape:[1],dtype:"float32"}]}]})js";

std::string module_of(const std::string& value) {
  return "!function(e){module.exports=e()}(function(){a.exports=" + value + "},{}]},{},[1])(1)});";
}

std::string layer_weights() {
  std::string bytes;
  for (char q = 0; q < 9; ++q) bytes += q;  // -0.5, 0, 0.5 .. 3.5
  const float norm[] = {3, 1, 2, 1.75};     // gamma, beta, mean, variance
  bytes.append(reinterpret_cast<const char*>(norm), sizeof norm);
  return bytes;
}

TEST_F(TfjsConvertTest, ReadsLayersOutOfModules) {
  write("model.js", module_of(kLayers));
  write("weights.js", module_of('"' + base64(layer_weights()) + '"'));
  const auto result = folder_ / "layers.safetensors";
  convert_tfjs_layers(folder_ / "model.js", folder_ / "weights.js", result, {"six", "sum"});
  const GraphNetwork network(result);
  ASSERT_EQ(network.outputs().size(), 2u);
  EXPECT_EQ(network.outputs()[0].name, "six");
  EXPECT_EQ(network.outputs()[1].shape, (std::vector<std::int64_t>{1, 1, 1, 1}));
  // kernel rows -0.5 0 0.5 / 1 1.5 2 / 2.5 3 3.5; the norm is 2 (x - 2) + 1.
  const auto y = network.run(std::vector<float>{2, 1, 3, 0});
  EXPECT_NEAR(y[0].at(0), 2 * (2 * -0.5 + 3 * 1 - 2) + 1, 1e-5);
  EXPECT_NEAR(network.run(std::vector<float>{0, 0, 9, 9})[0].at(0), 6, 1e-5);
  EXPECT_NEAR(network.run(std::vector<float>{0, 0, 9, 9})[1].at(0), 6 + 2 * (22.5 - 2) + 1, 1e-4);
}

TEST_F(TfjsConvertTest, RefusesDamagedModules) {
  const auto convert = [&](const std::string& model, const std::string& weights,
                           const std::string& output) {
    write("model.js", model);
    write("weights.js", weights);
    convert_tfjs_layers(folder_ / "model.js", folder_ / "weights.js", folder_ / "y.safetensors",
                        {output});
  };
  const std::string good = module_of(kLayers);
  const std::string weights = module_of('"' + base64(layer_weights()) + '"');
  EXPECT_NO_THROW(convert(good, weights, "sum"));
  EXPECT_THROW(convert(good, weights, "end"), Error);      // a layer of another kind
  EXPECT_THROW(convert(good, weights, "nothing"), Error);  // no such layer
  EXPECT_THROW(convert("", weights, "sum"), Error);
  EXPECT_THROW(convert(good, "", "sum"), Error);
  EXPECT_THROW(convert(good, module_of('"' + base64("few") + '"'), "sum"), Error);
  for (std::size_t size = 60; size < good.size() - 60; size += 61)
    EXPECT_THROW(convert(good.substr(0, size), weights, "sum"), Error) << size;
}

/// Where set-up has put the converted networks; the numbers are those of TensorFlow.js 4.22 on its
/// CPU backend, for a picture of (7919 i mod 256) times a gain.
struct Reference {
  const char* file;
  int side;
  float gain;
  std::vector<std::vector<double>> means;  // of each output: mean, number 100, 100th last
};
class ConvertedNetwork : public ::testing::TestWithParam<Reference> {};

TEST_P(ConvertedNetwork, GivesTheNumbersOfTensorFlow) {
  const char* folder = std::getenv("VISEMA_MODELS");
  const auto built = std::filesystem::path(VISEMA_BINARY_DIR) / "share/visema/models";
  const auto path = (folder != nullptr ? std::filesystem::path(folder) : built) / GetParam().file;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path.string() << " is not there";
  std::vector<float> picture(static_cast<std::size_t>(GetParam().side * GetParam().side * 3));
  for (std::size_t i = 0; i < picture.size(); ++i)
    picture[i] = static_cast<float>(i * 7919 % 256) * GetParam().gain;
  const auto outputs = GraphNetwork(path).run(picture);
  ASSERT_EQ(outputs.size(), GetParam().means.size());
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const auto& y = outputs[o];
    const double mean = std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
    EXPECT_NEAR(mean, GetParam().means[o][0], 1e-4) << o;
    EXPECT_NEAR(y.at(100), GetParam().means[o][1], 1e-3) << o;
    EXPECT_NEAR(y.at(y.size() - 100), GetParam().means[o][2], 1e-3) << o;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Installed, ConvertedNetwork,
    ::testing::Values(
        Reference{"mobileface.safetensors", 112, 1, {{0.147322, -0.389360, -4.963558}}},
        Reference{"mobilenet_features.safetensors",
                  224,
                  1 / 255.0f,
                  {{2.025304, 0, 6},
                   {0.937781, 2.345017, 4.349306},
                   {0.341759, 0, 1.260603},
                   {0.158855, 0, 0.754448},
                   {0.026691, 0, 0}}}),
    [](const auto& info) { return std::filesystem::path(info.param.file).stem().string(); });

}  // namespace
}  // namespace visema
