#include <algorithm>
#include <cctype>
#include <fstream>

#include "graph_format.h"
#include "tensor_file_mapping.h"
#include "tfjs_convert_weights.h"
#include "visema/core/error.h"
#include "visema/models/graph_convert.h"

namespace visema {
namespace {

using nlohmann::json;

std::int64_t integer_of(const json& value) {
  return value.is_string() ? std::stoll(value.get<std::string>()) : value.get<std::int64_t>();
}

class Converter {
 public:
  Converter(const std::filesystem::path& path, const std::vector<std::string>& outputs)
      : path_(path) {
    std::ifstream stream(path);
    if (!stream) throw Error(ErrorCode::kInput, "cannot read " + path.string());
    const json model = json::parse(stream);
    read_weights(model.at("weightsManifest"));
    std::vector<std::string> names = outputs;
    if (names.empty()) {
      for (const auto& [name, ignored] : model.at("signature").at("outputs").items()) {
        names.push_back(name);
      }
    }
    const json& nodes = model.at("modelTopology").at("node");
    for (const auto& name : names) ++uses_[node_name(name)];
    for (const auto& node : nodes)
      for (const auto& input : node.value("input", json::array()))
        ++uses_[node_name(input.get<std::string>())];
    for (const auto& node : nodes) convert(node);
    for (const auto& name : names) {
      const std::string node = node_name(name);
      if (!shapes_.contains(node)) reject("there is no node '" + node + "'");
      graph_.outputs.push_back({node, value(node), shapes_[node]});
    }
    simplify(graph_);
  }

  const Graph& graph() const { return graph_; }

 private:
  [[noreturn]] void reject(const std::string& why) const {
    throw Error(ErrorCode::kModel, path_.string() + ": " + why);
  }

  static std::string node_name(const std::string& input) {
    return input.substr(0, input.find(':'));
  }

  void read_weights(const json& manifest) {
    for (const auto& group : manifest) {
      std::vector<std::byte> bytes;
      for (const auto& file : group.at("paths")) {
        const FileMapping mapping(path_.parent_path() /
                                  std::filesystem::path(file.get<std::string>()).filename());
        bytes.insert(bytes.end(), mapping.bytes().begin(), mapping.bytes().end());
      }
      read_tfjs_weights(group, bytes, path_.string(), weights_);
    }
  }

  /// Attribute strings are base64 in the JSON form of a GraphDef.
  static std::string text_attribute(const json& node, const char* key) {
    return decode_base64(node.at("attr").at(key).at("s").get<std::string>());
  }

  void convert(const json& node) {
    node_ = node.at("name").get<std::string>();
    in_.clear();
    if (node.contains("input")) {
      for (const auto& input : node["input"]) in_.push_back(node_name(input.get<std::string>()));
    }
    const auto op = node.at("op").get<std::string>();
    if (op == "Const") return;
    if (op == "Placeholder") return placeholder(node);
    if (op == "Conv2D") return convolution(node, false);
    if (op == "DepthwiseConv2dNative") return convolution(node, true);
    if (op == "Mul") return multiply();
    if (op == "Sub") return add_constant(-1);
    if (op == "Add" || op == "AddV2" || op == "BiasAdd") return add();
    if (op == "AddN" && in_.size() == 2) return add();
    if (op == "Relu" || op == "Relu6" || op == "Sigmoid" || op == "Softmax") {
      std::string name = op;
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      return emit("activation", {{"activation", name}}, shapes_.at(input(0)));
    }
    if (op == "Minimum" || op == "Maximum") return bound(op == "Minimum");
    if (op == "Mean") return mean();
    if (op == "AvgPool") return average(node);
    if (op == "ResizeBilinear") return resize(node);
    if (op == "Conv2DBackpropInput") return enlarge(node);
    if (op == "Pad") return pad();
    if (op == "Reshape") return reshape();
    if (op == "_FusedMatMul" || op == "MatMul") return linear(node);
    reject("operation " + op + " ('" + node_ + "') is not supported");
  }

  const std::string& input(std::size_t i) const {
    if (i >= in_.size()) reject("'" + node_ + "' has too few inputs");
    return in_[i];
  }

  const GraphConstant& weight(std::size_t i) const {
    const auto found = weights_.find(input(i));
    if (found == weights_.end()) reject("'" + node_ + "' needs constant '" + input(i) + "'");
    return found->second;
  }

  /// Follows nodes that were folded into the one before.
  std::string value(const std::string& name) const {
    const auto same = alias_.find(name);
    return same == alias_.end() ? name : same->second;
  }

  void emit(std::string kind, json options, std::vector<std::int64_t> shape) {
    maker_[node_] = graph_.ops.size();
    shapes_[node_] = std::move(shape);
    graph_.ops.push_back({std::move(kind), {value(input(0))}, node_, std::move(options)});
  }

  void fold() {
    alias_[node_] = value(input(0));
    shapes_[node_] = shapes_.at(input(0));
  }

  void placeholder(const json& node) {
    std::vector<std::int64_t> shape;
    for (const auto& dim : node.at("attr").at("shape").at("shape").at("dim")) {
      shape.push_back(integer_of(dim.at("size")));
    }
    if (shape.size() != 4 || !graph_.input.name.empty()) reject("it needs one picture as input");
    shape[0] = 1;
    graph_.input = {node_, node_, shape};
    shapes_[node_] = shape;
  }

  void convolution(const json& node, bool depthwise) {
    if (text_attribute(node, "data_format") != "NHWC") reject("'" + node_ + "' is not NHWC");
    for (const auto& dilation : node.at("attr").at("dilations").at("list").at("i")) {
      if (integer_of(dilation) != 1) reject("'" + node_ + "': dilated convolution");
    }
    const auto& strides = node.at("attr").at("strides").at("list").at("i");
    const std::int64_t stride[] = {integer_of(strides.at(1)), integer_of(strides.at(2))};
    GraphConstant kernel = oihw_kernel(weight(1), depthwise);
    const std::string scheme = text_attribute(node, "padding");
    if (scheme != "SAME" && scheme != "VALID") reject("'" + node_ + "': padding " + scheme);
    const auto padded = pads_.find(input(0));
    const std::array<std::int64_t, 4> before =
        padded == pads_.end() ? std::array<std::int64_t, 4>{} : padded->second;
    if (scheme == "SAME" && padded != pads_.end()) reject("'" + node_ + "' is padded twice");
    const auto size = convolution_size(shapes_.at(input(0)), kernel, {stride[0], stride[1]},
                                       scheme == "SAME", before);
    const std::int64_t outs = kernel.shape[0];
    const std::string name = node_ + "/weight";
    graph_.constants[name] = std::move(kernel);
    emit("conv2d",
         {{"weight", name},
          {"stride", {stride[0], stride[1]}},
          {"pad", size.pad},
          {"groups", depthwise ? outs : 1}},
         {1, size.out[0], size.out[1], outs});
  }

  /// Zeros around the picture, done by the convolutions that follow.
  void pad() {
    const auto& amount = weight(1).values;
    if (amount.size() != 8 || amount[0] != 0 || amount[1] != 0 || amount[6] != 0 ||
        amount[7] != 0) {
      reject("'" + node_ + "': padding of other axes than h, w");
    }
    for (std::size_t i = 0; i < 4; ++i) pads_[node_][i] = static_cast<std::int64_t>(amount[2 + i]);
    fold();
  }

  bool is_constant(std::size_t i) const { return weights_.contains(input(i)); }

  /// The convolution or matrix that gives input(0): constants (batch norm) go into its weights.
  /// Where there is none, as for the picture itself, or others need what it gives, one that changes
  /// nothing is put there.
  GraphOp& weighted_op() {
    if (pads_.contains(input(0))) reject("'" + node_ + "': constants after padding");
    const auto made = maker_.find(value(input(0)));
    if (made != maker_.end() && graph_.ops[made->second].options.contains("weight") &&
        uses_[input(0)] == 1) {
      return graph_.ops[made->second];
    }
    const auto& shape = shapes_.at(input(0));
    if (shape.size() != 4) reject("'" + node_ + "': constants after neither picture nor matrix");
    const std::string name = node_ + "/weight";
    const std::int64_t channels = shape[3];
    graph_.constants[name] = {
        {channels, 1, 1, 1}, std::vector<float>(static_cast<std::size_t>(channels), 1.0F), false};
    emit("conv2d",
         {{"weight", name}, {"stride", {1, 1}}, {"pad", {0, 0, 0, 0}}, {"groups", channels}},
         shape);
    return graph_.ops.back();
  }

  /// One number for all, or one for each channel of what op gives.
  const std::vector<float>& per_channel(const GraphOp& op, std::size_t i) const {
    const auto& by = weight(i).values;
    const auto channels = graph_.constants.at(op.options.at("weight").get<std::string>()).shape[0];
    if (by.size() != 1 && by.size() != static_cast<std::size_t>(channels)) {
      reject("'" + node_ + "' needs one constant a channel");
    }
    return by;
  }

  void settle(const GraphOp& op) {
    if (op.output != node_) fold();
  }

  void multiply() {
    if (is_constant(0)) std::swap(in_.at(0), in_.at(1));
    if (!is_constant(1)) return gate();
    const auto below = below_zero_.find(input(0));
    if (below != below_zero_.end()) {
      slopes_[node_] = {below->second, input(1)};
      return;
    }
    GraphOp& op = weighted_op();
    fold_factor(graph_, op, per_channel(op, 1));
    settle(op);
  }

  /// One of the two may be a number for each channel.
  void gate() {
    const auto is_row = [](const auto& s) { return s.size() == 4 && s[1] == 1 && s[2] == 1; };
    if (is_row(shapes_.at(input(0)))) std::swap(in_.at(0), in_.at(1));
    const auto &of = shapes_.at(input(0)), &by = shapes_.at(input(1));
    if (of != by && !(is_row(by) && of.size() == 4 && of[3] == by[3]))
      reject("'" + node_ + "' multiplies values of different shapes");
    emit("multiply", json::object(), of);
    graph_.ops.back().inputs.push_back(value(input(1)));
  }

  void add_constant(float sign) {
    GraphOp& op = weighted_op();
    auto by = per_channel(op, 1);
    for (float& number : by) number *= sign;
    fold_term(graph_, op, by);
    settle(op);
  }

  void add() {
    if (is_constant(0)) std::swap(in_.at(0), in_.at(1));
    if (is_constant(1)) return add_constant(1);
    if (slopes_.contains(input(0))) std::swap(in_[0], in_[1]);
    const auto above = above_zero_.find(input(0));
    const auto slope = slopes_.find(input(1));
    if (above != above_zero_.end() && slope != slopes_.end())
      return prelu(above->second, slope->second);
    emit("add", json::object(), shapes_.at(input(0)));
    graph_.ops.back().inputs.push_back(value(input(1)));
  }

  /// max(x, 0) + alpha * min(x, 0)
  void prelu(const std::string& x, const std::pair<std::string, std::string>& slope) {
    if (slope.first != x) reject("'" + node_ + "': a rectifier of two values");
    const std::string name = node_ + "/alpha";
    graph_.constants[name] = weights_.at(slope.second);
    in_ = {x};
    emit("activation", {{"activation", "prelu"}, {"alpha", name}}, shapes_.at(x));
  }

  void reshape() {
    const auto& from = shapes_.at(input(0));
    std::int64_t size = 1;
    for (const auto n : from) size *= n;
    const auto& to = weight(1).values;
    if (to.size() != 2 || (to[1] != -1 && static_cast<std::int64_t>(to[1]) != size)) {
      reject("'" + node_ + "': other than flattening");
    }
    emit("reshape", {{"shape", {size}}}, {1, size});
  }

  /// max(min(relu(x), 6), 0) is relu6.
  void bound(bool upper) {
    if (is_constant(0)) std::swap(in_.at(0), in_.at(1));
    const GraphConstant& limit = weight(1);
    const auto made = maker_.find(value(input(0)));
    if (limit.values.size() != 1) reject("'" + node_ + "': more than one limit");
    if (made == maker_.end() || graph_.ops[made->second].kind != "activation") {
      if (limit.values[0] != 0) reject("'" + node_ + "': limits can only follow a rectifier");
      (upper ? below_zero_ : above_zero_)[node_] = value(input(0));
      return;
    }
    json& kind = graph_.ops[made->second].options["activation"];
    const bool useless = !upper && limit.values[0] == 0 && (kind == "relu" || kind == "relu6");
    const bool six = upper && limit.values[0] == 6 && kind == "relu";
    if (six) kind = "relu6";
    if (!six && !useless) reject("'" + node_ + "': limit " + std::to_string(limit.values[0]));
    fold();
  }

  void mean() {
    const auto& axes = weight(1).values;
    if (axes != std::vector<float>{1, 2}) reject("'" + node_ + "': mean over other axes than h, w");
    emit("mean_hw", json::object(), {1, shapes_.at(input(0)).at(3)});
  }

  static std::array<std::int64_t, 2> sides(const json& node, const char* key) {
    const json& all = node.at("attr").at(key).at("list").at("i");
    return {integer_of(all.at(1)), integer_of(all.at(2))};
  }

  void average(const json& node) {
    const auto& from = shapes_.at(input(0));
    if (sides(node, "ksize") != std::array{from.at(1), from.at(2)} ||
        text_attribute(node, "padding") != "VALID")
      reject("'" + node_ + "': the mean of less than the whole picture");
    emit("mean_hw", {{"keep", true}}, {1, 1, 1, from.at(3)});
  }

  void resize(const json& node) {
    const auto& attributes = node.at("attr");
    const auto& to = weight(1).values;
    if (to.size() != 2 || attributes.at("align_corners").at("b").get<bool>() ||
        !attributes.at("half_pixel_centers").at("b").get<bool>())
      reject("'" + node_ + "': pixels must have their centres between their borders");
    const std::array<std::int64_t, 2> size = {static_cast<std::int64_t>(to[0]),
                                              static_cast<std::int64_t>(to[1])};
    emit("resize", {{"size", size}}, {1, size[0], size[1], shapes_.at(input(0)).at(3)});
  }

  /// A transposed convolution whose pixels do not overlap.
  void enlarge(const json& node) {
    std::swap(in_.at(0), in_.at(2));
    const GraphConstant& from = weight(1);
    const auto stride = sides(node, "strides");
    const std::int64_t side = stride[0];
    if (from.shape.size() != 4 || stride[1] != side || from.shape[0] != side ||
        from.shape[1] != side)
      reject("'" + node_ + "': a transposed convolution whose pixels overlap");
    const auto shape = shapes_.at(input(0));
    const std::string name = node_ + "/weight", result = node_;
    graph_.constants[name] = enlarging_kernel(from);
    const std::int64_t outs = from.shape[2];
    node_ += "/parts";
    emit("conv2d", {{"weight", name}, {"stride", {1, 1}}, {"pad", {0, 0, 0, 0}}, {"groups", 1}},
         {1, shape.at(1), shape.at(2), outs * side * side});
    in_ = {node_};
    node_ = result;
    emit("depth_to_space", {{"side", side}}, {1, shape[1] * side, shape[2] * side, outs});
  }

  void linear(const json& node) {
    const auto& attributes = node.at("attr");
    for (const char* key : {"transpose_a", "transpose_b"}) {
      if (attributes.contains(key) && attributes[key].at("b").get<bool>()) {
        reject("'" + node_ + "': transposed matrices");
      }
    }
    const GraphConstant& from = weight(1);
    if (from.shape.size() != 2) reject("'" + node_ + "' has no matrix");
    const std::int64_t ins = from.shape[0], outs = from.shape[1];
    GraphConstant matrix{{outs, ins}, std::vector<float>(from.values.size()), from.half};
    for (std::int64_t i = 0; i < ins; ++i)
      for (std::int64_t o = 0; o < outs; ++o)
        matrix.values[o * ins + i] = from.values[i * outs + o];
    GraphConstant bias{{outs}, std::vector<float>(static_cast<std::size_t>(outs)), false};
    json options = {{"weight", node_ + "/weight"}, {"bias", node_ + "/bias"}};
    if (attributes.contains("fused_ops")) {
      for (const auto& fused : attributes["fused_ops"].at("list").at("s")) {
        const std::string name = decode_base64(fused.get<std::string>());
        if (name == "BiasAdd")
          bias = weight(2);
        else if (name == "Relu")
          options["activation"] = "relu";
        else
          reject("'" + node_ + "': fused " + name);
      }
    }
    graph_.constants[node_ + "/weight"] = std::move(matrix);
    graph_.constants[node_ + "/bias"] = std::move(bias);
    emit("linear", std::move(options), {1, outs});
  }

  std::filesystem::path path_;
  std::map<std::string, GraphConstant> weights_;
  std::map<std::string, std::vector<std::int64_t>> shapes_;
  std::map<std::string, int> uses_;           // node -> how many nodes and outputs take it
  std::map<std::string, std::size_t> maker_;  // value -> index of the op that makes it
  std::map<std::string, std::string> alias_;  // folded node -> value
  std::map<std::string, std::array<std::int64_t, 4>> pads_;
  // Parts of PReLU: node -> value that it takes; node -> that value and the slopes' constant.
  std::map<std::string, std::string> below_zero_, above_zero_;
  std::map<std::string, std::pair<std::string, std::string>> slopes_;
  Graph graph_;
  std::string node_;
  std::vector<std::string> in_;
};

}  // namespace

void convert_tfjs_model(const std::filesystem::path& model_json,
                        const std::filesystem::path& result,
                        const std::vector<std::string>& outputs) {
  try {
    const Converter converter(model_json, outputs);
    write_graph(result, converter.graph(),
                {{"network", model_json.stem().string()},
                 {"origin", "TensorFlow.js graph model, converted by visema-convert"}});
  } catch (const std::logic_error& error) {  // numbers and look-ups of the standard library
    throw Error(ErrorCode::kModel, model_json.string() + ": " + error.what());
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, model_json.string() + ": " + error.what());
  }
}

}  // namespace visema
