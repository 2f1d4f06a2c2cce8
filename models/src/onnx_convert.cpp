#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "proto_reader.h"
#include "tensor_file_mapping.h"
#include "visema/core/sha256.h"
#include "visema/models/graph_convert.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/tensor_file.h"
#include "visema/models/weight_card.h"

namespace visema {
namespace {

constexpr const char* kEncoderSha256 =
    "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a";

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Field numbers of onnx.proto: ModelProto {7 graph}, GraphProto {1 node, 5 initializer}, NodeProto
// {1 input, 3 name}, TensorProto {1 dims, 2 data type, 4 float data, 5 int32 data, 8 name,
// 9 raw data}.

struct OnnxTensor {
  std::vector<std::int64_t> shape;
  int type = 0;
  std::span<const std::byte> raw;  // or
  std::vector<float> listed;

  std::vector<float> numbers(const std::string& name) const {
    if (!listed.empty()) return listed;
    std::vector<float> values;
    const CheckedBytes bytes(raw);
    switch (type) {
      case 1:
        for (std::size_t i = 0; i < raw.size(); i += 4) values.push_back(bytes.read<float>(i));
        return values;
      case 2:
        for (const std::byte b : raw) values.push_back(std::to_integer<std::uint8_t>(b));
        return values;
      case 3:
        for (const std::byte b : raw) values.push_back(static_cast<std::int8_t>(b));
        return values;
      default:
        throw Error(ErrorCode::kModel, name + ": ONNX data type " + std::to_string(type) +
                                           "; float, uint8 and int8 are read");
    }
  }
};

class OnnxFile {
 public:
  explicit OnnxFile(const std::filesystem::path& path) : mapping_(path) {
    ProtoReader model(mapping_.bytes());
    while (const auto field = model.next())
      if (field->number == 7) read_graph(field->bytes);
  }

  std::span<const std::byte> bytes() const { return mapping_.bytes(); }

  const OnnxTensor& tensor(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw Error(ErrorCode::kModel, "ONNX file: no tensor " + name);
    return found->second;
  }
  std::vector<float> numbers(const std::string& name) const { return tensor(name).numbers(name); }
  float number(const std::string& name) const {
    const std::vector<float> all = numbers(name);
    if (all.size() != 1)
      throw Error(ErrorCode::kModel, "ONNX file: " + name + " must be one number");
    return all[0];
  }
  /// Names of what a node takes.
  const std::vector<std::string>& inputs(const std::string& node) const {
    const auto found = inputs_.find(node);
    if (found == inputs_.end()) throw Error(ErrorCode::kModel, "ONNX file: no node " + node);
    return found->second;
  }

 private:
  void read_graph(std::span<const std::byte> bytes) {
    ProtoReader graph(bytes);
    while (const auto field = graph.next()) {
      if (field->number == 1) read_node(field->bytes);
      if (field->number == 5) read_tensor(field->bytes);
    }
  }
  void read_node(std::span<const std::byte> bytes) {
    std::string name;
    std::vector<std::string> inputs;
    ProtoReader node(bytes);
    while (const auto field = node.next()) {
      if (field->number == 1) inputs.push_back(text_of(field->bytes));
      if (field->number == 3) name = text_of(field->bytes);
    }
    inputs_[name] = std::move(inputs);
  }
  void read_tensor(std::span<const std::byte> bytes) {
    std::string name;
    OnnxTensor tensor;
    ProtoReader fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 1) {
        if (field->bytes.empty()) {
          tensor.shape.push_back(static_cast<std::int64_t>(field->value));
        } else {
          ProtoReader packed(field->bytes);
          while (const auto size = packed.next_packed())
            tensor.shape.push_back(static_cast<std::int64_t>(*size));
        }
      }
      if (field->number == 2) tensor.type = static_cast<int>(field->value);
      if (field->number == 4) read_floats(*field, tensor.listed);
      if (field->number == 5) read_integers(*field, tensor.listed);
      if (field->number == 8) name = text_of(field->bytes);
      if (field->number == 9) tensor.raw = field->bytes;
    }
    tensors_[name] = std::move(tensor);
  }

  static void read_floats(const ProtoReader::Field& field, std::vector<float>& into) {
    const CheckedBytes packed(field.bytes);
    if (field.bytes.empty()) into.push_back(field.real());
    for (std::size_t i = 0; i < packed.size(); i += 4) into.push_back(packed.read<float>(i));
  }
  static void read_integers(const ProtoReader::Field& field, std::vector<float>& into) {
    ProtoReader packed(field.bytes);
    if (field.bytes.empty()) into.push_back(static_cast<float>(field.value));
    while (const auto value = packed.next_packed())
      into.push_back(static_cast<float>(static_cast<std::int32_t>(*value)));
  }

  FileMapping mapping_;
  std::map<std::string, OnnxTensor> tensors_;
  std::map<std::string, std::vector<std::string>> inputs_;
};

/// The tensors of the result and the numbers they view.
class HalfTensors {
 public:
  void add(const std::string& name, const std::vector<float>& values,
           std::vector<std::int64_t> shape) {
    std::vector<std::uint16_t>& half = numbers_[name];
    for (const float value : values) half.push_back(float_to_half(value));
    tensors_[name] = view_of_half(half, std::move(shape));
  }
  const std::map<std::string, Tensor>& tensors() const { return tensors_; }

 private:
  std::map<std::string, std::vector<std::uint16_t>> numbers_;
  std::map<std::string, Tensor> tensors_;
};

/// A convolution's weight, kept as bytes: byte times scale plus zero point.
void add_convolution(const OnnxFile& file, const std::string& name, HalfTensors& out) {
  const OnnxTensor& kept = file.tensor(name + ".weight_quantized");
  const float scale = file.number(name + ".weight_scale");
  const float zero = file.number(name + ".weight_zero_point");
  std::vector<float> weight = kept.numbers(name);
  for (float& w : weight) w = w * scale + zero;
  out.add(name + ".weight", weight, kept.shape);
}

/// A matrix [ins, outs], kept as (byte minus zero point) times scale, to [outs, ins].
void add_matrix(const OnnxFile& file, const std::string& node, const std::string& name,
                HalfTensors& out) {
  const std::string kept = file.inputs(node + "/MatMul_quant").at(1);
  const std::string base = kept.substr(0, kept.rfind("_quantized"));
  const float scale = file.number(base + "_scale");
  const float zero = file.number(base + "_zero_point");
  const std::vector<float> bytes = file.numbers(kept);
  const std::vector<std::int64_t>& shape = file.tensor(kept).shape;
  if (shape.size() != 2) throw Error(ErrorCode::kModel, "ONNX file: " + kept + " is no matrix");
  std::vector<float> weight(bytes.size());
  for (std::int64_t i = 0; i < shape[0]; ++i)
    for (std::int64_t o = 0; o < shape[1]; ++o)
      weight[o * shape[0] + i] = (bytes[i * shape[1] + o] - zero) * scale;
  out.add(name + ".weight", weight, {shape[1], shape[0]});
}

void add_vector(const OnnxFile& file, const std::string& kept, const std::string& name,
                HalfTensors& out) {
  const std::vector<float> values = file.numbers(kept);
  out.add(name, values, {static_cast<std::int64_t>(values.size())});
}

}  // namespace

void convert_speech_encoder(const std::filesystem::path& onnx,
                            const std::filesystem::path& result) {
  const OnnxFile file(onnx);
  const std::string sum = sha256_hex(file.bytes());
  if (sum != kEncoderSha256)
    throw Error(ErrorCode::kModel, onnx.string() + ": SHA-256 " + sum + ": must be " +
                                       kEncoderSha256 + ", Moonshine's tiny encoder");
  HalfTensors out;
  for (const char* name : {"conv1", "conv2", "conv3"}) add_convolution(file, name, out);
  add_vector(file, "conv2.bias", "conv2.bias", out);
  add_vector(file, "conv3.bias", "conv3.bias", out);
  add_vector(file, file.inputs("/groupnorm/Mul").at(1), "norm.weight", out);
  add_vector(file, file.inputs("/groupnorm/Add").at(1), "norm.bias", out);
  add_vector(file, "/rotary_emb/Cast_1_output_0", "rotary", out);
  for (int layer = 0; layer < kEncoderLayers; ++layer) {
    const std::string name = "layers." + std::to_string(layer);
    add_vector(file, name + ".input_layernorm.weight", name + ".attention_norm.weight", out);
    add_vector(file, name + ".post_attention_layernorm.weight", name + ".hidden_norm.weight", out);
    add_vector(file, name + ".mlp.fc1.bias", name + ".expand.bias", out);
    add_vector(file, name + ".mlp.fc2.bias", name + ".contract.bias", out);
    const std::string node = "/" + name;
    add_matrix(file, node + "/self_attn/q_proj", name + ".query", out);
    add_matrix(file, node + "/self_attn/k_proj", name + ".key", out);
    add_matrix(file, node + "/self_attn/v_proj", name + ".value", out);
    add_matrix(file, node + "/self_attn/dense", name + ".merge", out);
    add_matrix(file, node + "/mlp/fc1", name + ".expand", out);
    add_matrix(file, node + "/mlp/fc2", name + ".contract", out);
  }
  const std::string card = std::string(R"({"origin":"npm @moonshine-ai/moonshine-js@0.1.29, )") +
                           R"(dist/model/tiny/quantized/encoder_model.onnx, its first )" +
                           std::to_string(kEncoderLayers) + R"( layers","license":"MIT",)" +
                           R"("source_sha256":")" + kEncoderSha256 + R"("})";
  write_tensor_file(result, out.tensors(),
                    to_metadata({kEncoderName, kEncoderVersion, "{}", card}));
}

}  // namespace visema
