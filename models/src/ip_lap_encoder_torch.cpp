#include "ip_lap_encoder_torch.h"

#include "weight_card_torch.h"

namespace visema {

void IpLapFolded::to(torch::Device device, torch::ScalarType type) {
  weight = weight.to(device, type);
  bias = bias.to(device, type);
}

IpLapFolded fold_ip_lap(const TensorFile& file, const std::string& layer, const std::string& norm,
                        const std::vector<std::int64_t>& shape) {
  const std::vector<std::int64_t> channels = {shape[0]};
  const auto read = [&](const std::string& name, const std::vector<std::int64_t>& sides) {
    return read_tensor(file, name, sides).to(torch::kDouble);
  };
  const torch::Tensor gain = read(norm + ".weight", channels) /
                             (read(norm + ".running_var", channels) + kIpLapNormEpsilon).sqrt();
  torch::Tensor bias = -read(norm + ".running_mean", channels);
  if (file.contains(layer + ".bias")) bias += read(layer + ".bias", channels);
  bias = bias * gain + read(norm + ".bias", channels);
  std::vector<std::int64_t> spread(shape.size(), 1);
  spread[0] = shape[0];
  const torch::Tensor weight = read(layer + ".weight", shape) * gain.view(spread);
  return {weight.to(torch::kFloat), bias.to(torch::kFloat)};
}

IpLapEncoder::IpLapEncoder(const TensorFile& file, const std::string& name,
                           const IpLapEncoderLayout& layout, Last last, torch::Device device)
    : layout_(layout), last_(last) {
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const IpLapBlock& block = layout.blocks[i];
    const std::string prefix = name + '.' + std::to_string(i) + ".conv_block.";
    std::vector<std::int64_t> shape = {block.out, block.in};
    shape.insert(shape.end(), static_cast<std::size_t>(layout.sides), block.kernel);
    layers_.push_back(fold_ip_lap(file, prefix + '0', prefix + '1', shape));
    if (layout.sides == 1) layers_.back().weight.unsqueeze_(2);
    layers_.back().to(device, torch::kFloat);
  }
}

torch::Tensor IpLapEncoder::forward(torch::Tensor x) const {
  if (layout_.sides == 1) x = x.unsqueeze(2);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const IpLapBlock& block = layout_.blocks[i];
    torch::Tensor y =
        torch::conv2d(x, layers_[i].weight, layers_[i].bias, {block.stride_y, block.stride_x},
                      {layout_.sides == 1 ? 0 : block.padding, block.padding});
    if (block.residual) y += x;
    x = i + 1 == layers_.size() && last_ == Last::kTanh ? y.tanh_() : y.relu_();
  }
  return x.flatten(1);
}

}  // namespace visema
