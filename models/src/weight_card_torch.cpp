#include "weight_card_torch.h"

#include <algorithm>

#include "visema/core/error.h"

namespace visema {

torch::Tensor read_tensor(const TensorFile& file, const std::string& name,
                          const std::vector<std::int64_t>& shape) {
  std::vector<float> values = file.floats(name, shape);
  return torch::from_blob(values.data(), shape, torch::kFloat).clone();
}

void load_weights(torch::nn::Module& module, const TensorFile& file, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  const auto fill = [&](const auto& named) {
    for (const auto& item : named)
      item.value().copy_(read_tensor(file, prefix + item.key(), item.value().sizes().vec()));
  };
  fill(module.named_parameters());
  fill(module.named_buffers());
}

void WeightWriter::add(const torch::nn::Module& module, const std::string& prefix) {
  const auto add_all = [&](const auto& named) {
    for (const auto& item : named) add(prefix + item.key(), item.value(), item.value().dim() > 1);
  };
  add_all(module.named_parameters());
  add_all(module.named_buffers());
}

void WeightWriter::add(const std::string& name, const torch::Tensor& values, bool half) {
  const torch::Tensor full = values.detach().to(torch::kCPU, torch::kFloat).contiguous();
  const float* first = full.data_ptr<float>();
  Floats floats;
  floats.shape = full.sizes().vec();
  floats.full.assign(first, first + full.numel());
  if (half) {
    floats.half.resize(floats.full.size());
    std::transform(floats.full.begin(), floats.full.end(), floats.half.begin(), float_to_half);
    floats.full.clear();
  }
  tensors_[name] = std::move(floats);
}

void WeightWriter::add(const std::string& name, std::vector<float> values,
                       std::vector<std::int64_t> shape) {
  tensors_[name] = {std::move(shape), std::move(values), {}};
}

void WeightWriter::write(const std::filesystem::path& path,
                         const std::map<std::string, std::string>& metadata) const {
  std::map<std::string, Tensor> views;
  for (const auto& [name, floats] : tensors_)
    views[name] = floats.half.empty() ? view_of(std::span<const float>(floats.full), floats.shape)
                                      : view_of_half(floats.half, floats.shape);
  write_tensor_file(path, views, metadata);
}

}  // namespace visema
