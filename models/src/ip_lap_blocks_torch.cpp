#include "ip_lap_blocks_torch.h"

#include <algorithm>

#include "compute_device_torch.h"
#include "ip_lap_kernels.h"
#include "weight_card_torch.h"

namespace visema {
namespace {

constexpr auto kLast = torch::MemoryFormat::ChannelsLast;
constexpr std::int64_t kLanes = 8;       // oneDNN is quick with whole registers of channels
constexpr std::int64_t kFewPlanes = 32;  // for which one step of 5x5 is cheaper than two of 3x3
constexpr std::int64_t kHidden = 256;    // channels between the two steps

std::int64_t missing(std::int64_t channels) {
  return (kLanes - channels % kLanes) % kLanes;
}

std::span<const float> values_of(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// One convolution that equals `first` and then `second` with nothing between them, where both see
/// all that they ask for.
IpLapFolded composed(const torch::Tensor& first, const torch::Tensor& first_bias,
                     const torch::Tensor& second) {
  const torch::Tensor a = first.to(torch::kDouble), b = second.to(torch::kDouble);
  IpLapFolded all;
  all.weight = torch::conv2d(a.transpose(0, 1), b.flip({2, 3}), {}, 1,
                             {second.size(2) - 1, second.size(3) - 1})
                   .transpose(0, 1)
                   .to(torch::kFloat)
                   .contiguous();
  all.bias = torch::matmul(b.sum({2, 3}), first_bias.to(torch::kDouble)).to(torch::kFloat);
  return all;
}

torch::Tensor run_winograd(const WinogradKernel& kernel, const torch::Tensor& x) {
  const std::int64_t count = x.size(0), height = x.size(2), width = x.size(3);
  auto result =
      torch::empty({count, kernel.outs(), height, width}, x.options().memory_format(kLast));
  const std::int64_t in_size = x.numel() / count, out_size = result.numel() / count;
  const float* from = x.data_ptr<float>();
  float* to = result.data_ptr<float>();
  const std::int64_t rows = WinogradKernel::tile_rows(height);
  at::parallel_for(0, count * rows, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin / rows; n * rows < end; ++n)
      kernel.run(from + n * in_size, to + n * out_size, height, width, {},
                 std::max<std::int64_t>(begin - n * rows, 0), std::min(end - n * rows, rows));
  });
  return result;
}

torch::Tensor modulated_by_kernel(const torch::Tensor& x, const torch::Tensor& maps) {
  const std::int64_t channels = x.size(1), pixels = x.size(2) * x.size(3);
  auto result = torch::empty_like(x);
  std::vector<float> mean(static_cast<std::size_t>(channels)), scale(mean.size());
  const bool shared = maps.size(2) == 1;
  for (std::int64_t n = 0; n < x.size(0); ++n) {
    const float* from = x.data_ptr<float>() + n * pixels * channels;
    float* to = result.data_ptr<float>() + n * pixels * channels;
    at::parallel_for(0, channels / kLanes, 1, [&](std::int64_t begin, std::int64_t end) {
      channel_statistics({from + begin * kLanes, pixels, (end - begin) * kLanes, channels},
                         kIpLapNormEpsilon, &mean[static_cast<std::size_t>(begin * kLanes)],
                         &scale[static_cast<std::size_t>(begin * kLanes)]);
    });
    at::parallel_for(0, pixels, 256, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t step = shared ? 0 : 2 * channels;
      const float* gain = maps.data_ptr<float>() + begin * step;
      modulate(from + begin * channels, to + begin * channels, end - begin,
               {mean.data(), scale.data(), gain, gain + channels, step, channels,
                static_cast<float>(kIpLapSlope)});
    });
  }
  return result;
}

}  // namespace

IpLapPlace::IpLapPlace(const Compute& compute)
    : device(torch_device(compute)),
      type(compute.precision == Precision::kFloat ? torch::kFloat
           : compute.device == Device::kCuda      ? torch::kHalf
                                                  : torch::kBFloat16),
      own_kernels(compute.device == Device::kCpu && compute.precision == Precision::kFloat) {}

IpLapFolded read_ip_lap_layer(const TensorFile& file, const std::string& name,
                              const std::vector<std::int64_t>& shape) {
  return {read_tensor(file, name + ".weight", shape),
          file.contains(name + ".bias") ? read_tensor(file, name + ".bias", {shape[0]})
                                        : torch::zeros({shape[0]})};
}

IpLapConvolution::IpLapConvolution(IpLapFolded layer, const IpLapPlace& place, int stride)
    : outs_(layer.weight.size(0)), stride_(stride) {
  const std::int64_t ins = layer.weight.size(1);
  if (place.own_kernels && stride == 1 && layer.weight.size(2) == 3 && ins >= 2 * kLanes) {
    winograd_ = std::make_shared<const WinogradKernel>(
        values_of(layer.weight.contiguous()), values_of(layer.bias.contiguous()), outs_, ins);
    return;
  }
  weight_ = torch::constant_pad_nd(layer.weight, {0, 0, 0, 0, 0, missing(ins), 0, missing(outs_)})
                .to(place.device, place.type)
                .contiguous(kLast);
  bias_ = torch::constant_pad_nd(layer.bias, {0, missing(outs_)}).to(place.device, place.type);
}

torch::Tensor IpLapConvolution::forward(const torch::Tensor& x) const {
  if (winograd_) return run_winograd(*winograd_, x.contiguous(kLast));
  const std::int64_t more = weight_.size(1) - x.size(1);
  const torch::Tensor whole = more > 0 ? torch::constant_pad_nd(x, {0, 0, 0, 0, 0, more}) : x;
  const torch::Tensor y = torch::conv2d(whole.contiguous(kLast), weight_, bias_, stride_,
                                        {weight_.size(2) / 2, weight_.size(3) / 2});
  return y.size(1) == outs_ ? y : y.narrow(1, 0, outs_).contiguous(kLast);
}

IpLapModulator::IpLapModulator(const TensorFile& file, const std::string& name,
                               std::int64_t channels, std::int64_t planes, const IpLapPlace& place)
    : composed_(planes <= kFewPlanes) {
  const IpLapFolded first = read_ip_lap_layer(file, name + ".conv1", {kHidden, planes, 3, 3});
  const IpLapFolded gamma = read_ip_lap_layer(file, name + ".gamma", {channels, kHidden, 3, 3});
  const IpLapFolded beta = read_ip_lap_layer(file, name + ".beta", {channels, kHidden, 3, 3});
  const IpLapFolded second = {torch::cat({gamma.weight, beta.weight}),
                              torch::cat({gamma.bias + 1, beta.bias})};
  if (composed_) {
    compose(first, second, place);
    return;
  }
  first_ = IpLapConvolution(first, place);
  second_ = IpLapConvolution(second, place);
}

void IpLapModulator::compose(const IpLapFolded& first, const IpLapFolded& second,
                             const IpLapPlace& place) {
  IpLapFolded whole = composed(first.weight, first.bias, second.weight);
  whole.bias += second.bias;
  whole_ = IpLapConvolution(whole, place);
  // The second convolution's row y sees the first one's beyond the border, which saw row 2 - y.
  const auto beyond = [&](const std::vector<std::pair<int, int>>& sides) {
    torch::Tensor a = first.weight, b = second.weight;
    for (const auto& [side, at] : sides) {
      a = a.narrow(side, 2 - at, 1);
      b = b.narrow(side, at, 1);
    }
    IpLapFolded part = composed(a, first.bias, b);
    part.to(place.device, place.type);
    return part;
  };
  top_ = beyond({{2, 0}});
  bottom_ = beyond({{2, 2}});
  left_ = beyond({{3, 0}});
  right_ = beyond({{3, 2}});
  for (int corner = 0; corner < 4; ++corner)
    corners_[corner] = beyond({{2, corner / 2 * 2}, {3, corner % 2 * 2}});
}

void IpLapModulator::correct_border(const torch::Tensor& planes, torch::Tensor& maps) const {
  const std::int64_t last_row = maps.size(2) - 1, last_column = maps.size(3) - 1;
  const auto take = [&](int side, std::int64_t at, const IpLapFolded& part) {
    const std::int64_t up = side == 3 ? 2 : 0, along = side == 2 ? 2 : 0;
    maps.narrow(side, at, 1)
        .sub_(torch::conv2d(planes.narrow(side, at, 1).contiguous(), part.weight, part.bias, 1,
                            {up, along}));
  };
  take(2, 0, top_);
  take(2, last_row, bottom_);
  take(3, 0, left_);
  take(3, last_column, right_);
  for (int corner = 0; corner < 4; ++corner) {
    const std::int64_t row = corner / 2 * last_row, column = corner % 2 * last_column;
    const auto at = [&](const torch::Tensor& x) {
      return x.narrow(2, row, 1).narrow(3, column, 1);
    };
    at(maps).add_(
        torch::conv2d(at(planes).contiguous(), corners_[corner].weight, corners_[corner].bias));
  }
}

torch::Tensor IpLapModulator::forward(const torch::Tensor& planes) const {
  if (!composed_) return second_.forward(first_.forward(planes)).contiguous(kLast);
  torch::Tensor maps = whole_.forward(planes).contiguous(kLast);
  correct_border(planes, maps);
  return maps;
}

torch::Tensor ip_lap_modulated(const torch::Tensor& x, const torch::Tensor& maps,
                               const IpLapPlace& place) {
  if (place.own_kernels) return modulated_by_kernel(x.contiguous(kLast), maps);
  const torch::Tensor full = x.to(torch::kFloat);
  const auto [variance, mean] = torch::var_mean(full, at::IntArrayRef({2, 3}), false, true);
  const std::vector<torch::Tensor> parts = maps.to(torch::kFloat).chunk(2, 1);
  const torch::Tensor y =
      (full - mean) * torch::rsqrt(variance + kIpLapNormEpsilon) * parts[0] + parts[1];
  return torch::leaky_relu(y, kIpLapSlope).to(x.scalar_type());
}

IpLapPair::IpLapPair(const TensorFile& file, const std::string& name, std::int64_t channels,
                     const IpLapPlace& place)
    : place_(place),
      first_(read_ip_lap_layer(file, name + ".conv_1", {channels, channels, 3, 3}), place),
      second_(read_ip_lap_layer(file, name + ".conv_2", {channels, channels, 3, 3}), place) {}

torch::Tensor IpLapPair::forward(const torch::Tensor& x, const torch::Tensor& first_maps,
                                 const torch::Tensor& second_maps) const {
  const torch::Tensor half = first_.forward(ip_lap_modulated(x, first_maps, place_));
  return second_.forward(ip_lap_modulated(half, second_maps, place_));
}

IpLapStem::IpLapStem(const TensorFile& file, const std::string& name, std::int64_t planes,
                     const IpLapPlace& place)
    : first_(fold_ip_lap(file, name + "conv1", name + "conv1_bn", {32, planes, 7, 7}), place),
      second_(fold_ip_lap(file, name + "conv2", name + "conv2_bn", {256, 32, 3, 3}), place, 2) {}

IpLapStem::Features IpLapStem::forward(const torch::Tensor& planes) const {
  const torch::Tensor fine = first_.forward(planes).relu_();
  return {fine, second_.forward(fine).relu_()};
}

}  // namespace visema
