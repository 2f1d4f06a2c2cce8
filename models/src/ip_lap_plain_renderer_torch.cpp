#include "ip_lap_plain_renderer_torch.h"

namespace visema {
namespace {

namespace F = torch::nn::functional;

torch::Tensor leaky(const torch::Tensor& x, double slope = kIpLapSlope) {
  return torch::leaky_relu(x, slope);
}

torch::Tensor resized(const torch::Tensor& x, std::int64_t size) {
  return torch::upsample_nearest2d(x, {size, size});
}

/// The place that each pixel is taken from, [B, H, W, 2] in -1..1, for a flow
/// [B, 2, H, W] in pixels.
torch::Tensor places_of(const torch::Tensor& flow) {
  const std::int64_t size = flow.size(2);
  const torch::Tensor line = 2 * torch::arange(size, flow.options()) / (size - 1) - 1;
  const torch::Tensor x = line.view({1, size}).expand({size, size});
  const torch::Tensor grid = torch::stack({x, x.t()}, 2).unsqueeze(0);
  return grid + (2 * flow / (size - 1)).permute({0, 2, 3, 1});
}

torch::Tensor sampled(const torch::Tensor& x, torch::Tensor places) {
  if (x.size(2) != places.size(1))
    places = torch::upsample_bilinear2d(places.permute({0, 3, 1, 2}), {x.size(2), x.size(3)}, false)
                 .permute({0, 2, 3, 1});
  return F::grid_sample(x, places, F::GridSampleFuncOptions().align_corners(false));
}

}  // namespace

torch::Tensor IpLapPlainRenderer::modulated(const torch::Tensor& x, const torch::Tensor& by,
                                            const std::string& name) const {
  const torch::Tensor norm = F::instance_norm(x);
  const torch::Tensor shared = weights_.convolve(by, name + ".conv1", 1, 1);
  return norm * (1 + weights_.convolve(shared, name + ".gamma", 1, 1)) +
         weights_.convolve(shared, name + ".beta", 1, 1);
}

torch::Tensor IpLapPlainRenderer::spade(torch::Tensor x, torch::Tensor by,
                                        const std::string& name) const {
  by = resized(by, x.size(2));
  for (const char* number : {"1", "2"}) {
    x = leaky(modulated(x, by, name + ".spade_layer_" + number));
    x = weights_.convolve(x, name + ".conv_" + number, 1, 1);
  }
  return x;
}

torch::Tensor IpLapPlainRenderer::adain(torch::Tensor x, const torch::Tensor& by,
                                        const std::string& name) const {
  for (const char* number : {"1", "2"}) {
    const std::string layer = name + ".adain_layer_" + number;
    const torch::Tensor shared = torch::relu(weights_.linear(by, layer + ".mlp_shared.0"));
    const auto spread = [](const torch::Tensor& v) { return v.view({v.size(0), v.size(1), 1, 1}); };
    x = F::instance_norm(x) * (1 + spread(weights_.linear(shared, layer + ".mlp_gamma"))) +
        spread(weights_.linear(shared, layer + ".mlp_beta"));
    x = weights_.convolve(leaky(x), name + ".conv_" + number, 1, 1);
  }
  return x;
}

IpLapPlainRenderer::Features IpLapPlainRenderer::stem(const torch::Tensor& x,
                                                      const std::string& name) const {
  const torch::Tensor fine = torch::relu(
      weights_.batch_norm(weights_.convolve(x, name + "conv1", 1, 3), name + "conv1_bn"));
  return {fine, torch::relu(weights_.batch_norm(weights_.convolve(fine, name + "conv2", 2, 1),
                                                name + "conv2_bn"))};
}

IpLapPlainRenderer::Warped IpLapPlainRenderer::blend(const Input& input) const {
  const std::string flow = "flow_module.";
  const torch::Tensor sketches = input.sketches.flatten(1, 2);
  const std::int64_t half = input.pictures.size(3) / 2;
  Warped sum;
  torch::Tensor total;
  const auto add = [](torch::Tensor& all, const torch::Tensor& part) {
    all = all.defined() ? all + part : part;
  };
  for (std::int64_t i = 0; i < input.pictures.size(1); ++i) {
    const torch::Tensor picture = input.pictures.select(1, i);
    const auto [fine, coarse] =
        stem(torch::cat({picture, input.picture_sketches.select(1, i)}, 1), flow);
    torch::Tensor x = spade(coarse, sketches, flow + "spade_layer_1");
    x = spade(x, sketches, flow + "spade_layer_2");
    x = spade(torch::pixel_shuffle(x, 2), sketches, flow + "spade_layer_4");
    const torch::Tensor places = places_of(weights_.convolve(x, flow + "conv_4", 1, 3));
    const torch::Tensor weight = torch::sigmoid(weights_.convolve(
        torch::relu(weights_.convolve(x, flow + "conv_5.0", 1, 3)), flow + "conv_5.2", 1, 3));
    add(sum.picture, sampled(picture, places) * weight);
    add(sum.fine, sampled(fine, places) * weight);
    add(sum.coarse, sampled(coarse, places) * resized(weight, half));
    add(total, weight);
  }
  total = total + 1e-5;
  return {sum.picture / total, sum.fine / total, sum.coarse / resized(total, half)};
}

torch::Tensor IpLapPlainRenderer::warp(const Input& input) const {
  return blend(input).picture;
}

IpLapPlainRenderer::Painted IpLapPlainRenderer::paint(const Input& input) const {
  const std::string paint = "translation.";
  const Warped warped = blend(input);
  const torch::Tensor speech = weights_.encode(input.mel.unsqueeze(1), paint + "audio_encoder",
                                               ip_lap_mel_encoder(), IpLapEncoder::Last::kRelu);
  torch::Tensor masked = input.face.clone();
  masked.slice(2, masked.size(2) / 2).zero_();
  torch::Tensor x = stem(torch::cat({masked, input.sketches.flatten(1, 2)}, 1), paint).coarse;
  x = spade(x, warped.coarse, paint + "spade_1");
  x = adain(x, speech, paint + "adain_1");
  x = torch::pixel_shuffle(x, 2);
  x = spade(x, warped.fine, paint + "spade_2");
  x = adain(x, speech, paint + "adain_2");
  x = spade(x, warped.picture, paint + "spade_4");
  return {torch::sigmoid(weights_.convolve(leaky(x, kIpLapLastSlope), paint + "conv_last", 1, 3)),
          warped.picture};
}

}  // namespace visema
