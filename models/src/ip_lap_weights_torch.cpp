#include "ip_lap_weights_torch.h"

#include <cmath>

#include "weight_card_torch.h"

namespace visema {
namespace {

constexpr double kMomentum = 0.1;  // of the running statistics

bool is_statistic(const std::string& name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var");
}

/// The sinusoids of Vaswani et al. 2017, [1, positions, width].
torch::Tensor positions(const std::vector<std::int64_t>& shape) {
  const torch::Tensor place = torch::arange(shape[1], torch::kFloat).unsqueeze(1);
  const torch::Tensor rate = torch::exp(torch::arange(0, shape[2], 2, torch::kFloat) *
                                        (-std::log(10000.0) / static_cast<double>(shape[2])));
  const torch::Tensor angle = place * rate;
  return torch::stack({torch::sin(angle), torch::cos(angle)}, 2).flatten(1).unsqueeze(0);
}

torch::Tensor uniform(const std::vector<std::int64_t>& shape, double bound) {
  return torch::empty(shape).uniform_(-bound, bound);
}

/// `fan_in`: of the matrix or kernel that came before, 0 after a normalisation's gain.
torch::Tensor initial(const IpLapTensor& tensor, double fan_in) {
  const std::string& name = tensor.name;
  if (name.ends_with(".pe")) return positions(tensor.shape);
  if (name.ends_with(".running_var")) return torch::ones(tensor.shape);
  if (name == "fusion_transformer.modality.weight") return torch::randn(tensor.shape);
  if (name.ends_with("in_proj_weight"))  // Glorot
    return uniform(tensor.shape,
                   std::sqrt(6.0 / static_cast<double>(tensor.shape[0] + tensor.shape[1])));
  if (tensor.shape.size() > 1) return uniform(tensor.shape, 1 / std::sqrt(fan_in));
  if (name.ends_with(".weight")) return torch::ones(tensor.shape);
  const bool of_attention = name.ends_with("in_proj_bias") || name.ends_with("out_proj.bias");
  if (name.ends_with(".running_mean") || of_attention || fan_in == 0)
    return torch::zeros(tensor.shape);
  return uniform(tensor.shape, 1 / std::sqrt(fan_in));
}

/// Modules take no names with dots.
std::string own_name(std::string name) {
  for (char& c : name)
    if (c == '.') c = '/';
  return name;
}

}  // namespace

IpLapWeights::IpLapWeights(const std::vector<IpLapTensor>& layout) : layout_(layout) {
  double fan_in = 0;
  for (const IpLapTensor& tensor : layout) {
    if (tensor.name.ends_with("weight")) {
      fan_in = tensor.shape.size() > 1 ? 1 : 0;
      for (std::size_t i = 1; i < tensor.shape.size(); ++i)
        fan_in *= static_cast<double>(tensor.shape[i]);
    }
    const bool fixed = is_statistic(tensor.name) || tensor.name.ends_with(".pe");
    const torch::Tensor values = initial(tensor, fan_in);
    tensors_[tensor.name] = fixed ? register_buffer(own_name(tensor.name), values)
                                  : register_parameter(own_name(tensor.name), values);
  }
}

void IpLapWeights::load(const TensorFile& file) {
  const torch::NoGradGuard no_grad;
  for (const IpLapTensor& tensor : layout_)
    tensors_.at(tensor.name).copy_(read_tensor(file, tensor.name, tensor.shape));
}

void IpLapWeights::save(const std::filesystem::path& path, const WeightCard& card) const {
  WeightWriter writer;
  for (const IpLapTensor& tensor : layout_) writer.add(tensor.name, at(tensor.name), false);
  writer.write(path, to_metadata(card));
}

std::map<std::string, torch::Tensor> IpLapWeights::statistics() const {
  std::map<std::string, torch::Tensor> found;
  for (const auto& [name, tensor] : tensors_)
    if (is_statistic(name)) found[name] = tensor;
  return found;
}

torch::Tensor IpLapWeights::bias_of(const std::string& name) const {
  const auto bias = tensors_.find(name + ".bias");
  return bias == tensors_.end() ? torch::Tensor() : bias->second;
}

torch::Tensor IpLapWeights::convolve(const torch::Tensor& x, const std::string& name, int stride,
                                     int padding) const {
  return torch::conv2d(x, at(name + ".weight"), bias_of(name), stride, padding);
}

torch::Tensor IpLapWeights::linear(const torch::Tensor& x, const std::string& name) const {
  return torch::linear(x, at(name + ".weight"), bias_of(name));
}

torch::Tensor IpLapWeights::batch_norm(const torch::Tensor& x, const std::string& name) const {
  return torch::batch_norm(x, at(name + ".weight"), at(name + ".bias"), at(name + ".running_mean"),
                           at(name + ".running_var"), is_training(), kMomentum, kIpLapNormEpsilon,
                           false);
}

torch::Tensor IpLapWeights::encode(torch::Tensor x, const std::string& name,
                                   const IpLapEncoderLayout& layout,
                                   IpLapEncoder::Last last) const {
  const bool line = layout.sides == 1;
  if (line) x = x.unsqueeze(2);
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const IpLapBlock& block = layout.blocks[i];
    const std::string prefix = name + '.' + std::to_string(i) + ".conv_block.";
    const torch::Tensor& weight = at(prefix + "0.weight");
    torch::Tensor y =
        torch::conv2d(x, line ? weight.unsqueeze(2) : weight, bias_of(prefix + '0'),
                      {block.stride_y, block.stride_x}, {line ? 0 : block.padding, block.padding});
    y = batch_norm(y, prefix + '1');
    if (block.residual) y = y + x;
    const bool tanh = i + 1 == layout.blocks.size() && last == IpLapEncoder::Last::kTanh;
    x = tanh ? torch::tanh(y) : torch::relu(y);
  }
  return x.flatten(1);
}

}  // namespace visema
