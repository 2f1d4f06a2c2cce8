#include "ip_lap_plain.h"

#include "ip_lap_layers.h"

namespace visema::bench {
namespace {

namespace F = torch::nn::functional;

torch::Tensor leaky(const torch::Tensor& x, double slope = kIpLapSlope) {
  return torch::leaky_relu(x, slope);
}

torch::Tensor resized(const torch::Tensor& x, std::int64_t size) {
  return torch::upsample_nearest2d(x, {size, size});
}

/// The place that each pixel is taken from, [1, H, W, 2] in -1..1, for a flow [1, 2, H, W] in
/// pixels.
torch::Tensor places_of(const torch::Tensor& flow) {
  const std::int64_t size = flow.size(2);
  const torch::Tensor line = 2 * torch::arange(size).to(torch::kFloat) / (size - 1) - 1;
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

IpLapPlainRenderer::IpLapPlainRenderer(const TensorFile& weights) {
  for (const IpLapTensor& tensor : ip_lap_renderer_tensors()) {
    std::vector<float> values = weights.floats(tensor.name, tensor.shape);
    weights_[tensor.name] = torch::from_blob(values.data(), tensor.shape).clone();
  }
}

torch::Tensor IpLapPlainRenderer::convolve(const torch::Tensor& x, const std::string& name,
                                           int stride, int padding) const {
  const auto bias = weights_.find(name + ".bias");
  return torch::conv2d(x, weights_.at(name + ".weight"),
                       bias == weights_.end() ? torch::Tensor() : bias->second, stride, padding);
}

torch::Tensor IpLapPlainRenderer::normalised(const torch::Tensor& x,
                                             const std::string& name) const {
  const auto at = [&](const char* part) { return weights_.at(name + part); };
  return torch::batch_norm(x, at(".weight"), at(".bias"), at(".running_mean"), at(".running_var"),
                           false, 0, kIpLapNormEpsilon, false);
}

torch::Tensor IpLapPlainRenderer::linear(const torch::Tensor& x, const std::string& name) const {
  return torch::linear(x, weights_.at(name + ".weight"), weights_.at(name + ".bias"));
}

torch::Tensor IpLapPlainRenderer::modulated(const torch::Tensor& x, const torch::Tensor& by,
                                            const std::string& name) const {
  const torch::Tensor norm = F::instance_norm(x);
  const torch::Tensor shared = convolve(by, name + ".conv1", 1, 1);
  return norm * (1 + convolve(shared, name + ".gamma", 1, 1)) +
         convolve(shared, name + ".beta", 1, 1);
}

torch::Tensor IpLapPlainRenderer::spade(torch::Tensor x, torch::Tensor by,
                                        const std::string& name) const {
  by = resized(by, x.size(2));
  for (const char* number : {"1", "2"}) {
    x = leaky(modulated(x, by, name + ".spade_layer_" + number));
    x = convolve(x, name + ".conv_" + number, 1, 1);
  }
  return x;
}

torch::Tensor IpLapPlainRenderer::adain(torch::Tensor x, const torch::Tensor& by,
                                        const std::string& name) const {
  for (const char* number : {"1", "2"}) {
    const std::string layer = name + ".adain_layer_" + number;
    const torch::Tensor shared = torch::relu(linear(by, layer + ".mlp_shared.0"));
    const auto spread = [](const torch::Tensor& v) { return v.view({v.size(0), v.size(1), 1, 1}); };
    x = F::instance_norm(x) * (1 + spread(linear(shared, layer + ".mlp_gamma"))) +
        spread(linear(shared, layer + ".mlp_beta"));
    x = convolve(leaky(x), name + ".conv_" + number, 1, 1);
  }
  return x;
}

torch::Tensor IpLapPlainRenderer::sound(torch::Tensor mel) const {
  const auto& blocks = ip_lap_mel_encoder().blocks;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const IpLapBlock& block = blocks[i];
    const std::string name = "translation.audio_encoder." + std::to_string(i) + ".conv_block.";
    torch::Tensor y =
        torch::conv2d(mel, weights_.at(name + "0.weight"), weights_.at(name + "0.bias"),
                      {block.stride_y, block.stride_x}, block.padding);
    y = normalised(y, name + "1");
    if (block.residual) y = y + mel;
    mel = torch::relu(y);
  }
  return mel.flatten(1);
}

IpLapPlainRenderer::Warped IpLapPlainRenderer::warp(const torch::Tensor& sketches,
                                                    const torch::Tensor& pictures,
                                                    const torch::Tensor& picture_sketches) const {
  const std::string flow = "flow_module.";
  Warped sum;
  torch::Tensor total = torch::zeros({1, 1, 128, 128});
  const auto add = [](torch::Tensor& all, const torch::Tensor& part) {
    all = all.defined() ? all + part : part;
  };
  for (std::int64_t i = 0; i < pictures.size(0); ++i) {
    const torch::Tensor picture = pictures.narrow(0, i, 1);
    const torch::Tensor both = torch::cat({picture, picture_sketches.narrow(0, i, 1)}, 1);
    const torch::Tensor fine =
        torch::relu(normalised(convolve(both, flow + "conv1", 1, 3), flow + "conv1_bn"));
    const torch::Tensor coarse =
        torch::relu(normalised(convolve(fine, flow + "conv2", 2, 1), flow + "conv2_bn"));
    torch::Tensor x = spade(coarse, sketches, flow + "spade_layer_1");
    x = spade(x, sketches, flow + "spade_layer_2");
    x = spade(torch::pixel_shuffle(x, 2), sketches, flow + "spade_layer_4");
    const torch::Tensor places = places_of(convolve(x, flow + "conv_4", 1, 3));
    const torch::Tensor weight = torch::sigmoid(
        convolve(torch::relu(convolve(x, flow + "conv_5.0", 1, 3)), flow + "conv_5.2", 1, 3));
    add(sum.picture, sampled(picture, places) * weight);
    add(sum.fine, sampled(fine, places) * weight);
    add(sum.coarse, sampled(coarse, places) * resized(weight, 64));
    total = total + weight;
  }
  total = total + 1e-5;
  return {sum.picture / total, sum.fine / total, sum.coarse / resized(total, 64)};
}

IpLapPlainRenderer::Painted IpLapPlainRenderer::paint(const torch::Tensor& face,
                                                      const torch::Tensor& sketches,
                                                      const torch::Tensor& pictures,
                                                      const torch::Tensor& picture_sketches,
                                                      const torch::Tensor& mel) const {
  const c10::InferenceMode inference;
  const std::string paint = "translation.";
  const torch::Tensor target = sketches.flatten(1, 2);
  const Warped warped = warp(target, pictures, picture_sketches);
  const torch::Tensor speech = sound(mel);
  torch::Tensor masked = face.clone();
  masked.slice(2, 64).zero_();
  torch::Tensor x = torch::cat({masked, target}, 1);
  x = torch::relu(normalised(convolve(x, paint + "conv1", 1, 3), paint + "conv1_bn"));
  x = torch::relu(normalised(convolve(x, paint + "conv2", 2, 1), paint + "conv2_bn"));
  x = spade(x, warped.coarse, paint + "spade_1");
  x = adain(x, speech, paint + "adain_1");
  x = torch::pixel_shuffle(x, 2);
  x = spade(x, warped.fine, paint + "spade_2");
  x = adain(x, speech, paint + "adain_2");
  x = spade(x, warped.picture, paint + "spade_4");
  return {torch::sigmoid(convolve(leaky(x, kIpLapLastSlope), paint + "conv_last", 1, 3)),
          warped.picture};
}

}  // namespace visema::bench
