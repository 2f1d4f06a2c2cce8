#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "graph_format.h"
#include "tensor_file_mapping.h"
#include "tflite_reader.h"
#include "visema/core/error.h"
#include "visema/models/graph_convert.h"

namespace visema {
namespace {

using nlohmann::json;

/// Attribute strings are base64 in the JSON form of a GraphDef.
std::string decode_base64(const std::string& text) {
  std::string result;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int value = 0;
    if (c >= 'A' && c <= 'Z')
      value = c - 'A';
    else if (c >= 'a' && c <= 'z')
      value = c - 'a' + 26;
    else if (c >= '0' && c <= '9')
      value = c - '0' + 52;
    else if (c == '+')
      value = 62;
    else if (c == '/')
      value = 63;
    else
      break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result += static_cast<char>(bits >> count & 0xff);
    }
  }
  return result;
}

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
    for (const auto& node : model.at("modelTopology").at("node")) convert(node);
    std::vector<std::string> names = outputs;
    if (names.empty()) {
      for (const auto& [name, ignored] : model.at("signature").at("outputs").items()) {
        names.push_back(name);
      }
    }
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
      std::size_t at = 0;
      for (const auto& weight : group.at("weights")) at = read_weight(weight, bytes, at);
      if (at != bytes.size()) reject("weights do not fill their file");
    }
  }

  std::size_t read_weight(const json& weight, std::span<const std::byte> bytes, std::size_t at) {
    const auto name = weight.at("name").get<std::string>();
    const bool half =
        weight.contains("quantization") && weight["quantization"].at("dtype") == "float16";
    if (weight.contains("quantization") && !half) reject(name + ": quantized weights");
    const auto dtype = weight.at("dtype").get<std::string>();
    if (dtype != "float32" && dtype != "int32") reject(name + ": dtype " + dtype);
    GraphConstant constant{weight.at("shape").get<std::vector<std::int64_t>>(), {}, half};
    const CheckedBytes checked(bytes);
    std::size_t count = 1;
    for (const auto n : constant.shape) {
      if (n < 0 || n > 100'000'000) reject(name + ": impossible shape");
      count *= static_cast<std::size_t>(n);
      if (count > bytes.size()) reject(name + ": more numbers than the file has");
    }
    checked.part(at, count * (half ? 2 : 4));
    for (std::size_t i = 0; i < count; ++i) {
      if (half) {
        constant.values.push_back(half_to_float(checked.read<std::uint16_t>(at)));
      } else if (dtype == "int32") {
        constant.values.push_back(static_cast<float>(checked.read<std::int32_t>(at)));
      } else {
        constant.values.push_back(checked.read<float>(at));
      }
      at += half ? 2 : 4;
    }
    weights_[name] = std::move(constant);
    return at;
  }

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
    if (op == "Mul" || op == "Add" || op == "AddV2" || op == "BiasAdd")
      return arithmetic(op == "Mul");
    if (op == "Relu" || op == "Relu6" || op == "Sigmoid" || op == "Softmax") {
      std::string name = op;
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      return emit("activation", {{"activation", name}}, shapes_.at(input(0)));
    }
    if (op == "Minimum" || op == "Maximum") return bound(op == "Minimum");
    if (op == "Mean") return mean();
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
    const GraphConstant& from = weight(1);
    if (from.shape.size() != 4) reject("'" + node_ + "' has no convolution kernel");
    const std::int64_t h = from.shape[0], w = from.shape[1], i = from.shape[2], o = from.shape[3];
    if (depthwise && o != 1) reject("'" + node_ + "': depthwise multiplier " + std::to_string(o));
    // HWIO (depthwise HWC1) to OIHW
    const std::int64_t outs = depthwise ? i : o, ins = depthwise ? 1 : i;
    GraphConstant kernel{{outs, ins, h, w}, std::vector<float>(from.values.size()), from.half};
    for (std::int64_t y = 0; y < h; ++y)
      for (std::int64_t x = 0; x < w; ++x)
        for (std::int64_t c = 0; c < i; ++c)
          for (std::int64_t k = 0; k < o; ++k) {
            const std::int64_t to = depthwise ? c : k * i + c;
            kernel.values[(to * h + y) * w + x] = from.values[((y * w + x) * i + c) * o + k];
          }
    const auto& size = shapes_.at(input(0));
    const std::string scheme = text_attribute(node, "padding");
    if (scheme != "SAME" && scheme != "VALID") reject("'" + node_ + "': padding " + scheme);
    std::int64_t out[2], pad[4] = {};
    for (int axis = 0; axis < 2; ++axis) {
      const std::int64_t k = axis == 0 ? h : w, n = size.at(1 + axis), s = stride[axis];
      if (s < 1) reject("'" + node_ + "': stride");
      out[axis] = scheme == "SAME" ? (n + s - 1) / s : (n - k) / s + 1;
      const std::int64_t total =
          scheme == "SAME" ? std::max<std::int64_t>(0, (out[axis] - 1) * s + k - n) : 0;
      pad[2 * axis] = total / 2;
      pad[2 * axis + 1] = total - total / 2;
    }
    const std::string name = node_ + "/weight";
    graph_.constants[name] = std::move(kernel);
    emit("conv2d",
         {{"weight", name},
          {"stride", {stride[0], stride[1]}},
          {"pad", pad},
          {"groups", depthwise ? i : 1}},
         {1, out[0], out[1], outs});
  }

  /// Per-channel factors and terms after a convolution (batch norm) go into its weights.
  void arithmetic(bool multiply) {
    const GraphConstant& by = weight(1);
    const auto made = maker_.find(value(input(0)));
    if (made == maker_.end() || graph_.ops[made->second].kind != "conv2d") {
      reject("'" + node_ + "': constants can only follow a convolution");
    }
    GraphOp& op = graph_.ops[made->second];
    GraphConstant& kernel = graph_.constants.at(op.options["weight"].get<std::string>());
    const auto channels = static_cast<std::size_t>(kernel.shape[0]);
    if (by.values.size() != channels) reject("'" + node_ + "' needs one constant a channel");
    const std::string bias_name = op.output + "/bias";
    if (!op.options.contains("bias")) {
      op.options["bias"] = bias_name;
      graph_.constants[bias_name] = {{kernel.shape[0]}, std::vector<float>(channels), false};
    }
    GraphConstant& bias = graph_.constants[bias_name];
    const std::size_t each = kernel.values.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      if (!multiply) {
        bias.values[c] += by.values[c];
        continue;
      }
      bias.values[c] *= by.values[c];
      kernel.half = false;
      for (std::size_t i = 0; i < each; ++i) kernel.values[c * each + i] *= by.values[c];
    }
    fold();
  }

  /// max(min(relu(x), 6), 0) is relu6.
  void bound(bool upper) {
    const GraphConstant& limit = weight(1);
    const auto made = maker_.find(value(input(0)));
    if (limit.values.size() != 1 || made == maker_.end() ||
        graph_.ops[made->second].kind != "activation") {
      reject("'" + node_ + "': limits can only follow a rectifier");
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
  std::map<std::string, std::size_t> maker_;  // value -> index of the op that makes it
  std::map<std::string, std::string> alias_;  // folded node -> value
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
