#include "tflite_convert.h"

#include <algorithm>
#include <numeric>

#include "tflite_reader.h"
#include "visema/core/error.h"

namespace visema {
namespace {

// Field numbers and enumerators of tensorflow/lite/schema/schema.fbs.
enum ModelField { kOperatorCodes = 1, kSubgraphs = 2, kBuffers = 4 };
enum CodeField { kOldBuiltin = 0, kCustomName = 1, kNewBuiltin = 3 };
enum SubgraphField { kTensors = 0, kInputs = 1, kOutputs = 2, kOperators = 3 };
enum TensorField { kShape = 0, kType = 1, kBuffer = 2, kTensorName = 3 };
enum OperatorField { kCode = 0, kOpInputs = 1, kOpOutputs = 2, kOptions = 4, kCustomOptions = 5 };
enum TensorType { kFloat32 = 0, kFloat16 = 1, kInt32 = 2 };
enum Builtin {
  kAdd = 0,
  kConcatenation = 2,
  kConv2d = 3,
  kDepthwiseConv2d = 4,
  kDequantize = 6,
  kMaxPool2d = 17,
  kMul = 18,
  kRelu = 19,
  kReshape = 22,
  kCustom = 32,
  kPad = 34,
  kStridedSlice = 45,
  kPrelu = 54,
};

class Converter {
 public:
  Converter(std::span<const std::byte> bytes, std::string name)
      : name_(std::move(name)), model_(FlatTable::root(bytes)) {
    const auto subgraphs = model_.tables(kSubgraphs);
    if (subgraphs.size() != 1) reject("it has " + std::to_string(subgraphs.size()) + " subgraphs");
    codes_ = model_.tables(kOperatorCodes);
    buffers_ = model_.tables(kBuffers);
    tensors_ = subgraphs[0].tables(kTensors);
    const auto inputs = subgraphs[0].integers(kInputs);
    if (inputs.size() != 1) reject("it has " + std::to_string(inputs.size()) + " inputs");
    graph_.input = {label(inputs[0]), value(inputs[0]), shape(inputs[0])};
    for (const auto& op : subgraphs[0].tables(kOperators)) convert(op);
    for (const auto output : subgraphs[0].integers(kOutputs)) {
      graph_.outputs.push_back({label(output), value(output), shape(output)});
    }
  }

  Graph take() {
    simplify(graph_);
    return std::move(graph_);
  }

 private:
  [[noreturn]] void reject(const std::string& why) const {
    throw Error(ErrorCode::kModel, name_ + ": " + why);
  }

  const FlatTable& tensor(int index) const {
    if (index < 0 || static_cast<std::size_t>(index) >= tensors_.size()) {
      reject("tensor " + std::to_string(index) + " does not exist");
    }
    return tensors_[index];
  }

  std::string label(int index) const { return tensor(index).text(kTensorName); }

  /// Name of a value in our graph; operations that change nothing make two tensors one value.
  std::string value(int index) const {
    const auto same = alias_.find(index);
    return same == alias_.end() ? "t" + std::to_string(index) : value(same->second);
  }

  std::vector<std::int64_t> shape(int index) const {
    const auto dims = tensor(index).integers(kShape);
    return {dims.begin(), dims.end()};
  }

  std::span<const std::byte> data(int index) const {
    const auto buffer = tensor(index).scalar<std::uint32_t>(kBuffer);
    if (buffer >= buffers_.size()) reject("buffer " + std::to_string(buffer) + " does not exist");
    return buffers_[buffer].raw(0);
  }

  bool is_constant(int index) const {
    return alias_constant_.contains(index) || !data(index).empty();
  }

  std::vector<std::int32_t> integers(int index) const {
    const auto bytes = data(index);
    if (tensor(index).scalar<std::int8_t>(kType) != kInt32) reject(label(index) + " is not int32");
    std::vector<std::int32_t> values(bytes.size() / 4);
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * 4);
    return values;
  }

  GraphConstant constant(int index) const {
    const auto same = alias_constant_.find(index);
    if (same != alias_constant_.end()) return constant(same->second);
    const auto bytes = data(index);
    const auto type = tensor(index).scalar<std::int8_t>(kType);
    GraphConstant result{shape(index), {}, type == kFloat16};
    std::size_t count = 1;
    for (const auto n : result.shape) {
      if (n <= 0 || n > 1'000'000) reject(label(index) + " has an impossible shape");
      count *= static_cast<std::size_t>(n);
      if (count > bytes.size()) break;
    }
    const std::size_t item = type == kFloat16 ? 2 : 4;
    if ((type != kFloat16 && type != kFloat32) || bytes.size() != count * item) {
      reject(label(index) + " is no float constant of its shape");
    }
    const CheckedBytes checked(bytes);
    for (std::size_t i = 0; i < count; ++i) {
      result.values.push_back(type == kFloat16 ? half_to_float(checked.read<std::uint16_t>(2 * i))
                                               : checked.read<float>(4 * i));
    }
    return result;
  }

  std::string keep(int index, GraphConstant constant) {
    std::string name = "c" + std::to_string(index);
    graph_.constants[name] = std::move(constant);
    return name;
  }

  void convert(const FlatTable& op) {
    const auto code = op.scalar<std::uint32_t>(kCode);
    if (code >= codes_.size()) reject("operator code " + std::to_string(code) + " does not exist");
    const int builtin = std::max<int>(codes_[code].scalar<std::int8_t>(kOldBuiltin),
                                      codes_[code].scalar<std::int32_t>(kNewBuiltin));
    in_ = op.integers(kOpInputs);
    const auto outputs = op.integers(kOpOutputs);
    if (in_.empty() || outputs.size() != 1) reject("an operation without inputs or one output");
    out_ = outputs[0];
    options_ = op.table(kOptions);
    switch (builtin) {
      case kAdd:
        return add();
      case kConcatenation:
        return concatenation();
      case kConv2d:
        return convolution(1, 2, 3, false);
      case kDepthwiseConv2d:
        return convolution(1, 2, 4, true);
      case kDequantize:
        return alias(alias_constant_, in_[0]);
      case kMaxPool2d:
        return max_pool();
      case kMul:
        return multiply();
      case kRelu:
        emit("activation", {{"activation", "relu"}});
        return;
      case kReshape:
        return reshape();
      case kPad:
        return pad();
      case kStridedSlice:
        return whole_slice();
      case kPrelu:
        return prelu();
      case kCustom:
        return custom(codes_[code].text(kCustomName), op.raw(kCustomOptions));
      default:
        reject("operation " + std::to_string(builtin) + " is not supported");
    }
  }

  int input(std::size_t i) const {
    if (i >= in_.size()) reject("an operation with too few inputs");
    return in_[i];
  }

  GraphOp& emit(std::string kind, nlohmann::json options = nlohmann::json::object(),
                std::size_t value_inputs = 1) {
    GraphOp op{std::move(kind), {}, value(out_), std::move(options)};
    for (std::size_t i = 0; i < value_inputs; ++i) op.inputs.push_back(value(input(i)));
    graph_.ops.push_back(std::move(op));
    return graph_.ops.back();
  }

  template <typename T>
  T option(int field, T absent = T{}) const {
    return options_ ? options_->scalar<T>(field, absent) : absent;
  }

  void fused_activation(GraphOp& op, int field) const {
    switch (option<std::int8_t>(field)) {
      case 0:
        return;
      case 1:
        op.options["activation"] = "relu";
        return;
      case 3:
        op.options["activation"] = "relu6";
        return;
      default:
        reject("a fused activation that is not supported");
    }
  }

  /// TensorFlow's SAME: as much as the last window needs, the odd pixel below and to the right.
  nlohmann::json padding(std::int64_t kernel_h, std::int64_t kernel_w, std::int64_t stride_h,
                         std::int64_t stride_w) const {
    const auto from = shape(input(0)), to = shape(out_);
    if (from.size() != 4 || to.size() != 4) reject("a convolution of something else than pictures");
    if (option<std::int8_t>(0) == 1) return {0, 0, 0, 0};
    const auto amount = [](std::int64_t in, std::int64_t out, std::int64_t kernel,
                           std::int64_t stride) {
      return std::max<std::int64_t>(0, (out - 1) * stride + kernel - in);
    };
    const auto h = amount(from[1], to[1], kernel_h, stride_h);
    const auto w = amount(from[2], to[2], kernel_w, stride_w);
    return {h / 2, h - h / 2, w / 2, w - w / 2};
  }

  void convolution(int stride_w_field, int stride_h_field, int activation_field, bool depthwise) {
    GraphConstant weight = constant(input(1));
    if (weight.shape.size() != 4) reject(label(input(1)) + " is no convolution kernel");
    const int dilation_field = depthwise ? 5 : 4;
    if (option<std::int32_t>(dilation_field, 1) != 1 ||
        option<std::int32_t>(dilation_field + 1, 1) != 1) {
      reject("dilated convolutions are not supported");
    }
    const auto stride_h = option<std::int32_t>(stride_h_field);
    const auto stride_w = option<std::int32_t>(stride_w_field);
    const auto pad = padding(weight.shape[1], weight.shape[2], stride_h, stride_w);
    // OHWI (depthwise 1HWO) to OIHW
    const std::int64_t n = weight.shape[0], h = weight.shape[1], w = weight.shape[2],
                       c = weight.shape[3];
    if (depthwise && n != 1) reject("depthwise kernel of an unknown layout");
    GraphConstant ordered{depthwise ? std::vector{c, n, h, w} : std::vector{n, c, h, w},
                          std::vector<float>(weight.values.size()), weight.half};
    std::size_t from = 0;
    for (std::int64_t o = 0; o < n; ++o)
      for (std::int64_t y = 0; y < h; ++y)
        for (std::int64_t x = 0; x < w; ++x)
          for (std::int64_t i = 0; i < c; ++i)
            ordered.values[((o * c + i) * h + y) * w + x] = weight.values[from++];
    auto& op = emit("conv2d", {{"weight", keep(input(1), std::move(ordered))},
                               {"stride", {stride_h, stride_w}},
                               {"pad", pad},
                               {"groups", depthwise ? c : 1}});
    if (in_.size() > 2 && in_[2] >= 0) op.options["bias"] = keep(in_[2], constant(in_[2]));
    fused_activation(op, activation_field);
  }

  void add() {
    if (is_constant(input(0)) || is_constant(input(1))) reject("addition of a constant");
    if (shape(input(0)) != shape(input(1))) reject("addition of unequal shapes");
    fused_activation(emit("add", nlohmann::json::object(), 2), 0);
  }

  void multiply() {
    if (!is_constant(input(1))) reject("multiplication of two values");
    fused_activation(emit("scale", {{"factor", keep(input(1), constant(input(1)))}}), 0);
  }

  void prelu() {
    GraphConstant alpha = constant(input(1));
    alpha.shape = {static_cast<std::int64_t>(alpha.values.size())};
    if (shape(out_).empty() || alpha.shape[0] != shape(out_).back()) {
      reject("PReLU needs one slope a channel");
    }
    emit("activation", {{"activation", "prelu"}, {"alpha", keep(input(1), std::move(alpha))}});
  }

  void max_pool() {
    const auto stride_w = option<std::int32_t>(1), stride_h = option<std::int32_t>(2);
    const auto width = option<std::int32_t>(3), height = option<std::int32_t>(4);
    emit("max_pool", {{"kernel", {height, width}},
                      {"stride", {stride_h, stride_w}},
                      {"pad", padding(height, width, stride_h, stride_w)}});
  }

  void pad() {
    const auto amount = integers(input(1));
    if (amount.size() != 8) reject("padding of something else than pictures");
    auto list = nlohmann::json::array();
    for (int axis = 0; axis < 4; ++axis) list.push_back({amount[2 * axis], amount[2 * axis + 1]});
    emit("pad", {{"amount", list}});
  }

  void reshape() {
    auto target = shape(out_);
    if (target.empty() || target[0] != 1) reject("reshaping of the batch");
    target.erase(target.begin());
    emit("reshape", {{"shape", target}});
  }

  void concatenation() {
    const auto rank = static_cast<std::int32_t>(shape(out_).size());
    const auto axis = option<std::int32_t>(0);
    auto& op = emit("concat", {{"axis", axis < 0 ? axis + rank : axis}}, in_.size());
    fused_activation(op, 1);
  }

  void alias(std::map<int, int>& aliases, int same) {
    const auto earlier = aliases.find(same);
    if (earlier != aliases.end()) same = earlier->second;
    if (same == out_) reject("an operation that reads its own result");
    aliases[out_] = same;
  }

  void whole_slice() {
    if (shape(input(0)) != shape(out_)) reject("slices are not supported");
    alias(alias_, input(0));
  }

  void custom(const std::string& kind, std::span<const std::byte> raw) {
    if (kind == "TransformLandmarks") {
      emit("transform_points", nlohmann::json::object(), 2);
      return;
    }
    const auto options = read_flexbuffer_map(raw);
    const auto one = [&](const char* key) {
      const auto found = options.find(key);
      if (found == options.end() || found->second.size() != 1) {
        reject(kind + " needs one number " + key);
      }
      return found->second[0];
    };
    if (kind == "TransformTensorBilinear") {
      emit("crop_bilinear",
           {{"height", static_cast<int>(one("output_height"))},
            {"width", static_cast<int>(one("output_width"))}},
           2);
      return;
    }
    if (kind != "Landmarks2TransformMatrix") reject("operation " + kind + " is not supported");
    const auto subset = options.find("subset_idxs");
    if (subset == options.end()) reject(kind + " needs subset_idxs");
    std::vector<int> points(subset->second.begin(), subset->second.end());
    emit("landmarks_to_matrix", {{"left", static_cast<int>(one("left_rotation_idx"))},
                                 {"right", static_cast<int>(one("right_rotation_idx"))},
                                 {"height", static_cast<int>(one("output_height"))},
                                 {"width", static_cast<int>(one("output_width"))},
                                 {"scale_x", one("scale_x")},
                                 {"scale_y", one("scale_y")},
                                 {"rotation", one("target_rotation_radians")},
                                 {"points", points}});
  }

  std::string name_;
  FlatTable model_;
  std::vector<FlatTable> codes_, buffers_, tensors_;
  std::map<int, int> alias_;           // tensor that is the same as another
  std::map<int, int> alias_constant_;  // float32 view of a float16 constant
  Graph graph_;
  // Of the operation at work:
  std::vector<std::int32_t> in_;
  int out_ = 0;
  std::optional<FlatTable> options_;
};

}  // namespace

Graph convert_tflite(std::span<const std::byte> flatbuffer, const std::string& name) {
  return Converter(flatbuffer, name).take();
}

}  // namespace visema
