#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "graph_format.h"
#include "tfjs_convert_weights.h"
#include "visema/core/error.h"
#include "visema/models/graph_convert.h"

namespace visema {
namespace {

using nlohmann::json;

/// What a packed CommonJS module exports: its text from the value's first character to its end.
std::string exported_value(const std::filesystem::path& path, char opening) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (!stream || !(text << stream.rdbuf())) {
    throw Error(ErrorCode::kInput, "cannot read " + path.string());
  }
  const std::string module = text.str();
  const auto at = module.find(std::string("exports=") + opening);
  if (at == std::string::npos) {
    throw Error(ErrorCode::kModel, path.string() + ": it exports no value in " + opening);
  }
  return module.substr(at + 8);
}

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// JSON of an object literal as minifiers write it (bare keys, !0, !1, numbers that begin with a
/// dot), up to its closing bracket.
std::string json_of_literal(const std::string& text) {
  std::string result;
  int depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      std::size_t end = i + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      result += text.substr(i, end + 1 - i);
      i = end + 1;
    } else if (c == '!' && i + 1 < text.size()) {
      result += text[i + 1] == '0' ? "true" : "false";
      i += 2;
    } else if (is_name(c) && std::isdigit(static_cast<unsigned char>(c)) == 0) {
      std::size_t end = i;
      while (end < text.size() && is_name(text[end])) ++end;
      const std::string name = text.substr(i, end - i);
      const bool key = end < text.size() && text[end] == ':';
      result += key ? '"' + name + '"' : name;
      i = end;
    } else {
      std::size_t end = i + 1;
      if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') {
        while (end < text.size() && (is_name(text[end]) || text[end] == '.' ||
                                     (text[end] == '-' && text[end - 1] == 'e')))
          ++end;
        if (c == '.') result += '0';
      }
      result += text.substr(i, end - i);
      i = end;
      depth += c == '{' || c == '[' ? 1 : (c == '}' || c == ']' ? -1 : 0);
      if (depth == 0) break;
    }
  }
  return result;
}

class LayerConverter {
 public:
  LayerConverter(const json& model, std::span<const std::byte> bytes, const std::string& source,
                 const std::vector<std::string>& outputs)
      : wanted_(outputs.begin(), outputs.end()) {
    for (const json& group : model.at("weightsManifest"))
      read_tfjs_weights(group, bytes, source, weights_);
    for (const json& layer : model.at("modelTopology").at("model_config").at("config").at("layers"))
      if (!wanted_.empty()) convert(layer);
    if (!wanted_.empty())
      throw std::invalid_argument("there is no layer '" + *wanted_.begin() + "'");
    simplify(graph_);
  }

  const Graph& graph() const { return graph_; }

 private:
  void convert(const json& layer) {
    name_ = layer.at("name").get<std::string>();
    in_.clear();
    for (const json& node : layer.at("inbound_nodes"))
      for (const json& input : node) in_.push_back(input.at(0).get<std::string>());
    const auto kind = layer.at("class_name").get<std::string>();
    const json& config = layer.at("config");
    if (kind == "InputLayer")
      input(config);
    else if (kind == "ZeroPadding2D")
      padding(config);
    else if (kind == "Conv2D" || kind == "DepthwiseConv2D")
      convolution(config, kind == "DepthwiseConv2D");
    else if (kind == "BatchNormalization")
      batch_norm(config);
    else if (kind == "ReLU")
      rectifier(config);
    else if (kind == "Add")
      emit("add", {value(0), value(1)}, json::object(), shape(0));
    else
      throw std::invalid_argument("layer " + kind + " ('" + name_ + "') is not supported");
    if (wanted_.erase(name_) != 0)
      graph_.outputs.push_back({name_, values_.at(name_), shapes_.at(name_)});
  }

  const std::string& value(std::size_t i) const { return values_.at(in_.at(i)); }
  const std::vector<std::int64_t>& shape(std::size_t i) const { return shapes_.at(in_.at(i)); }
  const GraphConstant& weight(const char* role) const { return weights_.at(name_ + "/" + role); }

  void emit(std::string kind, std::vector<std::string> inputs, json options,
            std::vector<std::int64_t> shape) {
    graph_.ops.push_back({std::move(kind), std::move(inputs), name_, std::move(options)});
    values_[name_] = name_;
    shapes_[name_] = std::move(shape);
  }

  void input(const json& config) {
    const json& shape = config.at("batch_input_shape");
    shapes_[name_] = {1, shape.at(1).get<std::int64_t>(), shape.at(2).get<std::int64_t>(),
                      shape.at(3).get<std::int64_t>()};
    values_[name_] = name_;
    graph_.input = {name_, name_, shapes_[name_]};
  }

  /// Becomes part of the convolution that follows.
  void padding(const json& config) {
    const json& p = config.at("padding");
    pads_[name_] = {p.at(0).at(0), p.at(0).at(1), p.at(1).at(0), p.at(1).at(1)};
    values_[name_] = value(0);
    shapes_[name_] = shape(0);
  }

  void convolution(const json& config, bool depthwise) {
    GraphConstant kernel =
        oihw_kernel(weight(depthwise ? "depthwise_kernel" : "kernel"), depthwise);
    if (config.at("dilation_rate") != json{1, 1} || config.at("activation") != "linear" ||
        config.at("use_bias") == true || config.at("data_format") != "channels_last") {
      throw std::invalid_argument("'" + name_ + "': dilation, activation, bias or layout");
    }
    const auto padded = pads_.find(in_.at(0));
    const std::array<std::int64_t, 4> before =
        padded == pads_.end() ? std::array<std::int64_t, 4>{} : padded->second;
    const auto stride = config.at("strides").get<std::array<std::int64_t, 2>>();
    const bool same = config.at("padding") == "same";
    if (same && padded != pads_.end())
      throw std::invalid_argument("'" + name_ + "' is padded twice");
    const auto size = convolution_size(shape(0), kernel, stride, same, before);
    const std::int64_t outs = kernel.shape[0];
    const std::string constant = name_ + "/weight";
    graph_.constants[constant] = std::move(kernel);
    emit("conv2d", {value(0)},
         {{"weight", constant},
          {"stride", stride},
          {"pad", size.pad},
          {"groups", depthwise ? outs : 1}},
         {1, size.out[0], size.out[1], outs});
  }

  /// Goes into the weights of the convolution before.
  void batch_norm(const json& config) {
    const auto op = std::find_if(graph_.ops.begin(), graph_.ops.end(),
                                 [&](const GraphOp& made) { return made.output == value(0); });
    if (op == graph_.ops.end() || op->kind != "conv2d") {
      throw std::invalid_argument("'" + name_ + "' does not follow a convolution");
    }
    const auto &gamma = weight("gamma").values, &beta = weight("beta").values,
               &mean = weight("moving_mean").values, &variance = weight("moving_variance").values;
    const auto epsilon = config.at("epsilon").get<double>();
    std::vector<float> factor, term;
    for (std::size_t c = 0; c < gamma.size(); ++c) {
      const double f = gamma[c] / std::sqrt(variance.at(c) + epsilon);
      factor.push_back(static_cast<float>(f));
      term.push_back(static_cast<float>(beta.at(c) - mean.at(c) * f));
    }
    fold_factor(graph_, *op, factor);
    fold_term(graph_, *op, term);
    values_[name_] = value(0);
    shapes_[name_] = shape(0);
  }

  void rectifier(const json& config) {
    const json limit = config.value("max_value", json());
    if (!limit.is_null() && limit != 6) throw std::invalid_argument("'" + name_ + "': its limit");
    emit("activation", {value(0)}, {{"activation", limit.is_null() ? "relu" : "relu6"}}, shape(0));
  }

  Graph graph_;
  TfjsWeights weights_;
  std::set<std::string> wanted_;  // outputs not yet reached
  std::string name_;              // of the layer at hand
  std::vector<std::string> in_;
  std::map<std::string, std::string> values_;  // layer -> value that holds its result
  std::map<std::string, std::vector<std::int64_t>> shapes_;
  std::map<std::string, std::array<std::int64_t, 4>> pads_;
};

}  // namespace

void convert_tfjs_layers(const std::filesystem::path& model, const std::filesystem::path& weights,
                         const std::filesystem::path& result,
                         const std::vector<std::string>& outputs) {
  if (outputs.empty()) throw Error(ErrorCode::kUsage, "name the layers that are outputs");
  try {
    const std::string bytes = decode_base64(exported_value(weights, '"').substr(1));
    const LayerConverter converter(json::parse(json_of_literal(exported_value(model, '{'))),
                                   std::as_bytes(std::span(bytes)), model.string(), outputs);
    write_graph(result, converter.graph(),
                {{"network", result.stem().string()},
                 {"origin", "TensorFlow.js layers model, converted by visema-convert"}});
  } catch (const std::logic_error& error) {  // numbers and look-ups of the standard library
    throw Error(ErrorCode::kModel, model.string() + ": " + error.what());
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kModel, model.string() + ": " + error.what());
  }
}

}  // namespace visema
