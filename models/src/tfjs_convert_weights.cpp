#include "tfjs_convert_weights.h"

#include <algorithm>

#include "tflite_reader.h"
#include "visema/core/error.h"

namespace visema {
namespace {

using nlohmann::json;

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

[[noreturn]] void reject(const std::string& source, const std::string& why) {
  throw Error(ErrorCode::kModel, source + ": " + why);
}

/// How numbers lie in the file.
struct Storage {
  enum class Kind { kFloat, kInt, kHalf, kByte } kind = Kind::kFloat;
  double scale = 1, minimum = 0;  // of kByte
  std::size_t size() const { return kind == Kind::kByte ? 1 : (kind == Kind::kHalf ? 2 : 4); }
};

Storage storage_of(const json& weight, const std::string& source, const std::string& name) {
  const auto dtype = weight.at("dtype").get<std::string>();
  if (!weight.contains("quantization")) {
    if (dtype == "float32") return {Storage::Kind::kFloat};
    if (dtype == "int32") return {Storage::Kind::kInt};
    reject(source, name + ": dtype " + dtype + "; float32 and int32 are read");
  }
  const json& rule = weight["quantization"];
  const auto kept = rule.at("dtype").get<std::string>();
  if (dtype == "float32" && kept == "float16") return {Storage::Kind::kHalf};
  if (dtype == "float32" && kept == "uint8")
    return {Storage::Kind::kByte, rule.at("scale").get<double>(), rule.at("min").get<double>()};
  reject(source, name + ": " + dtype + " kept as " + kept + "; float16 and uint8 are read");
}

float number_at(const CheckedBytes& bytes, std::size_t at, const Storage& storage) {
  switch (storage.kind) {
    case Storage::Kind::kHalf:
      return half_to_float(bytes.read<std::uint16_t>(at));
    case Storage::Kind::kInt:
      return static_cast<float>(bytes.read<std::int32_t>(at));
    case Storage::Kind::kByte:
      return static_cast<float>(storage.minimum + storage.scale * bytes.read<std::uint8_t>(at));
    case Storage::Kind::kFloat:
      break;
  }
  return bytes.read<float>(at);
}

GraphConstant& bias_of(Graph& graph, GraphOp& op, std::size_t channels) {
  if (!op.options.contains("bias")) {
    const std::string name = op.output + "/bias";
    op.options["bias"] = name;
    graph.constants[name] = {
        {static_cast<std::int64_t>(channels)}, std::vector<float>(channels), false};
  }
  return graph.constants.at(op.options["bias"].get<std::string>());
}

float one_of(const std::vector<float>& by, std::size_t channel) {
  return by.size() == 1 ? by[0] : by.at(channel);
}

}  // namespace

std::string decode_base64(const std::string& text) {
  std::string result;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto value = kBase64.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      result += static_cast<char>(bits >> count & 0xff);
    }
  }
  return result;
}

void read_tfjs_weights(const json& group, std::span<const std::byte> bytes,
                       const std::string& source, TfjsWeights& weights) {
  const CheckedBytes checked(bytes);
  std::size_t at = 0;
  for (const json& weight : group.at("weights")) {
    const auto name = weight.at("name").get<std::string>();
    const Storage storage = storage_of(weight, source, name);
    GraphConstant constant{weight.at("shape").get<std::vector<std::int64_t>>(),
                           {},
                           storage.kind == Storage::Kind::kHalf};
    std::size_t count = 1;
    for (const auto n : constant.shape) {
      if (n < 1 || n > 100'000'000) reject(source, name + ": impossible shape");
      count *= static_cast<std::size_t>(n);
      if (count > bytes.size()) reject(source, name + ": more numbers than the file has");
    }
    checked.part(at, count * storage.size());
    constant.values.reserve(count);
    for (std::size_t i = 0; i < count; ++i, at += storage.size())
      constant.values.push_back(number_at(checked, at, storage));
    weights[name] = std::move(constant);
  }
  if (at != bytes.size()) reject(source, "weights do not fill their file");
}

GraphConstant oihw_kernel(const GraphConstant& from, bool depthwise) {
  if (from.shape.size() != 4) throw std::invalid_argument("a convolution has no kernel");
  const std::int64_t h = from.shape[0], w = from.shape[1], i = from.shape[2], o = from.shape[3];
  if (depthwise && o != 1) throw std::invalid_argument("depthwise multiplier " + std::to_string(o));
  const std::int64_t outs = depthwise ? i : o, ins = depthwise ? 1 : i;
  GraphConstant kernel{{outs, ins, h, w}, std::vector<float>(from.values.size()), from.half};
  for (std::int64_t y = 0; y < h; ++y)
    for (std::int64_t x = 0; x < w; ++x)
      for (std::int64_t c = 0; c < i; ++c)
        for (std::int64_t k = 0; k < o; ++k) {
          const std::int64_t to = depthwise ? c : k * i + c;
          kernel.values[(to * h + y) * w + x] = from.values[((y * w + x) * i + c) * o + k];
        }
  return kernel;
}

GraphConstant enlarging_kernel(const GraphConstant& from) {
  const std::int64_t h = from.shape.at(0), w = from.shape.at(1), outs = from.shape.at(2),
                     ins = from.shape.at(3), area = h * w;
  GraphConstant kernel{{outs * area, ins, 1, 1}, std::vector<float>(from.values.size()), from.half};
  for (std::int64_t part = 0; part < area; ++part)
    for (std::int64_t o = 0; o < outs; ++o)
      for (std::int64_t i = 0; i < ins; ++i)
        kernel.values[(o * area + part) * ins + i] = from.values[(part * outs + o) * ins + i];
  return kernel;
}

ConvolutionSize convolution_size(const std::vector<std::int64_t>& picture,
                                 const GraphConstant& kernel, std::array<std::int64_t, 2> stride,
                                 bool same, const std::array<std::int64_t, 4>& pad) {
  ConvolutionSize size{{}, pad};
  for (int axis = 0; axis < 2; ++axis) {
    const std::int64_t k = kernel.shape.at(2 + axis), n = picture.at(1 + axis), s = stride[axis];
    if (s < 1) throw std::invalid_argument("stride " + std::to_string(s));
    if (same) {
      const std::int64_t total = std::max<std::int64_t>(0, ((n + s - 1) / s - 1) * s + k - n);
      size.pad[2 * axis] = total / 2;
      size.pad[2 * axis + 1] = total - total / 2;
    }
    const std::int64_t padded = n + size.pad[2 * axis] + size.pad[2 * axis + 1];
    if (padded < k) throw std::invalid_argument("a picture is smaller than its kernel");
    size.out[axis] = (padded - k) / s + 1;
  }
  return size;
}

void fold_factor(Graph& graph, GraphOp& op, const std::vector<float>& by) {
  GraphConstant& weight = graph.constants.at(op.options.at("weight").get<std::string>());
  const auto channels = static_cast<std::size_t>(weight.shape[0]);
  const std::size_t each = weight.values.size() / channels;
  GraphConstant& bias = bias_of(graph, op, channels);
  weight.half = bias.half = false;
  for (std::size_t c = 0; c < channels; ++c) {
    bias.values[c] *= one_of(by, c);
    for (std::size_t i = 0; i < each; ++i) weight.values[c * each + i] *= one_of(by, c);
  }
}

void fold_term(Graph& graph, GraphOp& op, const std::vector<float>& by) {
  const GraphConstant& weight = graph.constants.at(op.options.at("weight").get<std::string>());
  GraphConstant& bias = bias_of(graph, op, static_cast<std::size_t>(weight.shape[0]));
  bias.half = false;
  for (std::size_t c = 0; c < bias.values.size(); ++c) bias.values[c] += one_of(by, c);
}

}  // namespace visema
