#include "ip_lap_flow_torch.h"

#include <string>

#include "ip_lap_kernels.h"

namespace visema {
namespace {

namespace F = torch::nn::functional;

constexpr auto kLast = torch::MemoryFormat::ChannelsLast;
constexpr std::int64_t kSide = 128;
constexpr double kWeightFloor = 1e-5;  // added to the sum of weights

/// Every second pixel.
torch::Tensor halved(const torch::Tensor& x) {
  return torch::upsample_nearest2d(x, {x.size(2) / 2, x.size(3) / 2});
}

/// Place of every pixel plus its flow, [N, 2, H, W].
torch::Tensor moved(const torch::Tensor& flow) {
  const torch::Tensor line = torch::arange(kSide, flow.options());
  const torch::Tensor x = line.view({1, kSide}).expand({kSide, kSide});
  return flow + torch::stack({x, x.t()}).unsqueeze(0);
}

/// Adds the warped picture times its weights to `sum`, both [1, C, H, W] channels last. places
/// [1, 2, S, S] in pixels of the full size with corners at the pixels' middles, as the network was
/// trained; the picture is then read with corners at their edges.
void add_warped_picture(const torch::Tensor& picture, const torch::Tensor& places,
                        const torch::Tensor& weights, torch::Tensor& sum) {
  const std::int64_t size = picture.size(2), channels = picture.size(1);
  const torch::Tensor at =
      (places * (static_cast<double>(size) / (kSide - 1)) - 0.5).permute({0, 2, 3, 1}).contiguous();
  const torch::Tensor weight = weights.contiguous();
  at::parallel_for(0, size, 4, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin * size;
    add_warped({picture.data_ptr<float>(), size, size, channels, at.data_ptr<float>() + 2 * first,
                weight.data_ptr<float>() + first, (end - begin) * size,
                sum.data_ptr<float>() + first * channels});
  });
}

torch::Tensor sampled(const torch::Tensor& x, const torch::Tensor& places) {
  const torch::Tensor grid = (places * (2.0 / (kSide - 1)) - 1).permute({0, 2, 3, 1});
  return F::grid_sample(x.to(torch::kFloat), grid, F::GridSampleFuncOptions().align_corners(false));
}

}  // namespace

IpLapFlow::IpLapFlow(const TensorFile& file, const IpLapPlace& place)
    : place_(place), stem_(file, "flow_module.", 6, place) {
  const std::string flow = "flow_module.";
  for (const auto& [name, channels] :
       {std::pair{"spade_layer_1", 256}, std::pair{"spade_layer_2", 256},
        std::pair{"spade_layer_4", 64}}) {
    for (const char* layer : {".spade_layer_1", ".spade_layer_2"})
      modulators_.emplace_back(file, flow + name + layer, channels, 15, place);
    pairs_.emplace_back(file, flow + name, channels, place);
  }
  const IpLapFolded shift = read_ip_lap_layer(file, flow + "conv_4", {2, 64, 7, 7});
  const IpLapFolded hidden = read_ip_lap_layer(file, flow + "conv_5.0", {32, 64, 7, 7});
  head_ = IpLapConvolution(
      {torch::cat({hidden.weight, shift.weight}), torch::cat({hidden.bias, shift.bias})}, place);
  weight_ = IpLapConvolution(read_ip_lap_layer(file, flow + "conv_5.2", {1, 32, 7, 7}), place);
}

IpLapFlow::Layers IpLapFlow::encode(const torch::Tensor& pictures,
                                    const torch::Tensor& sketches) const {
  Layers layers;
  layers.picture = pictures.contiguous(kLast);
  const auto features = stem_.forward(torch::cat({pictures, sketches}, 1).to(place_.type));
  layers.fine = features.fine.contiguous(kLast);
  layers.coarse = features.coarse.contiguous(kLast);
  return layers;
}

IpLapFlow::Maps IpLapFlow::modulate(const torch::Tensor& sketches) const {
  const torch::Tensor full = sketches.to(place_.type), half = halved(full);
  Maps maps;
  for (std::size_t i = 0; i < maps.size(); ++i)
    maps[i] = modulators_[i].forward(i < 4 ? half : full);
  return maps;
}

IpLapFlow::Course IpLapFlow::course_of(const torch::Tensor& coarse, const Maps& maps) const {
  torch::Tensor x = pairs_[0].forward(coarse, maps[0], maps[1]);
  x = torch::pixel_shuffle(pairs_[1].forward(x, maps[2], maps[3]), 2);
  const torch::Tensor all = head_.forward(pairs_[2].forward(x, maps[4], maps[5]));
  const torch::Tensor hidden = torch::relu(all.narrow(1, 0, 32));
  return {all.narrow(1, 32, 2).to(torch::kFloat),
          torch::sigmoid(weight_.forward(hidden).to(torch::kFloat))};
}

IpLapFlow::Layers IpLapFlow::blend_by_kernel(const Layers& references, const Maps& maps) const {
  const auto empty = [](const torch::Tensor& like) {
    return torch::zeros_like(like.narrow(0, 0, 1), like.options().memory_format(kLast));
  };
  Layers sum = {empty(references.picture), empty(references.fine), empty(references.coarse)};
  torch::Tensor total = torch::full({1, 1, kSide, kSide}, kWeightFloor);
  for (std::int64_t i = 0; i < references.coarse.size(0); ++i) {
    const Course course = course_of(references.coarse.narrow(0, i, 1), maps);
    const torch::Tensor places = moved(course.flow);
    add_warped_picture(references.picture.narrow(0, i, 1), places, course.weight, sum.picture);
    add_warped_picture(references.fine.narrow(0, i, 1), places, course.weight, sum.fine);
    add_warped_picture(references.coarse.narrow(0, i, 1), torch::avg_pool2d(places, 2),
                       halved(course.weight), sum.coarse);
    total += course.weight;
  }
  return {sum.picture / total, sum.fine / total, sum.coarse / halved(total)};
}

IpLapFlow::Layers IpLapFlow::blend_batched(const Layers& references, const Maps& maps) const {
  const Course course = course_of(references.coarse, maps);
  const torch::Tensor places = moved(course.flow), half = torch::avg_pool2d(places, 2);
  const torch::Tensor share = course.weight / (course.weight.sum(0, true) + kWeightFloor);
  const torch::Tensor half_share =
      halved(course.weight) / (halved(course.weight).sum(0, true) + kWeightFloor);
  return {(sampled(references.picture, places) * share).sum(0, true),
          (sampled(references.fine, places) * share).sum(0, true),
          (sampled(references.coarse, half) * half_share).sum(0, true)};
}

IpLapFlow::Layers IpLapFlow::blend(const Layers& references, const torch::Tensor& sketches) const {
  const Maps maps = modulate(sketches);
  return place_.own_kernels ? blend_by_kernel(references, maps) : blend_batched(references, maps);
}

}  // namespace visema
