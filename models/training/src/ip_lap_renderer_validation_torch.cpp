#include "ip_lap_renderer_validation_torch.h"

#include <algorithm>
#include <cmath>

#include "ip_lap_plain_renderer_torch.h"
#include "ip_lap_renderer_batch_torch.h"

namespace visema::training {
namespace {

constexpr std::uint64_t kSeed = 0;

/// The box of a face [1, 3, S, S], at least a pixel.
torch::Tensor cut(const torch::Tensor& face, const IpLapMouthBox& box) {
  const auto size = static_cast<double>(face.size(3));
  const auto narrowed = [&](const torch::Tensor& x, int axis, float from, float to) {
    const auto begin = std::clamp<std::int64_t>(std::lround(from * size), 0, face.size(axis) - 1);
    const auto end = std::clamp<std::int64_t>(std::lround(to * size), begin + 1, face.size(axis));
    return x.narrow(axis, begin, end - begin);
  };
  return narrowed(narrowed(face, 2, box.top, box.bottom), 3, box.left, box.right);
}

double l1(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().mean().item<double>();
}

double psnr(const torch::Tensor& a, const torch::Tensor& b) {
  constexpr double kLeast = 1e-10;  // equal pictures have 100 dB
  return -10 * std::log10(std::max(kLeast, (a - b).square().mean().item<double>()));
}

}  // namespace

std::vector<std::pair<std::string, double>> validate(IpLapWeights& weights,
                                                     const std::vector<IpLapFaceClip>& held_out,
                                                     const IpLapRendererCheck& check,
                                                     torch::Device device) {
  const torch::NoGradGuard no_grad;
  const bool was_training = weights.is_training();
  weights.eval();
  const IpLapFaceSampler sampler(held_out, check.references, kSeed);
  const IpLapPlainRenderer network(weights);
  std::vector<std::pair<std::string, double>> means;
  for (std::int64_t n = 0; n < check.faces; ++n) {
    const IpLapRendererBatch batch(sampler.draw(n, 1), check.side, device);
    const torch::Tensor& face = batch.input.face;
    const auto painted = network.paint(batch.input);
    const auto mouth = [&](const torch::Tensor& x) { return cut(x, batch.mouth[0]); };
    const torch::Tensor real = mouth(face);
    std::vector<std::pair<std::string, double>> values = {
        {"l1", l1(painted.face, face)},
        {"mouth_l1", l1(mouth(painted.face), real)},
        {"mouth_psnr", psnr(mouth(painted.face), real)},
        {"warp_mouth_l1", l1(mouth(painted.warped), real)},
        {"reference_mouth_l1", l1(mouth(batch.input.pictures.select(1, 0)), real)}};
    if (check.perceptual != nullptr)
      values.emplace_back("perceptual",
                          (*check.perceptual)(painted.face.flip(1), face.flip(1)).item<double>());
    if (means.empty()) means.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      means[i] = {values[i].first,
                  means[i].second + values[i].second / static_cast<double>(check.faces)};
  }
  weights.train(was_training);
  return means;
}

}  // namespace visema::training
