#include "ip_lap_renderer_loss_torch.h"

#include <array>
#include <string>

namespace visema::training {
namespace {

constexpr double kSlope = 0.2;
constexpr double kFirstSpread = 0.02;  // of the judge's random weights
constexpr int kScales = 2;
constexpr std::int64_t kKernel = 4;
constexpr std::array<std::int64_t, 6> kWidths = {3, 64, 128, 256, 512, 1};
constexpr std::array<std::int64_t, 5> kStrides = {2, 2, 2, 1, 1};

using Judged = std::vector<std::vector<torch::Tensor>>;

torch::Tensor distance_of_scores(const Judged& judged, double wanted) {
  torch::Tensor sum = torch::zeros({}, judged[0].back().options());
  for (const std::vector<torch::Tensor>& outputs : judged)
    sum = sum + (outputs.back() - wanted).square().mean();
  return sum;
}

}  // namespace

FaceJudge::FaceJudge() {
  for (int scale = 0; scale < kScales; ++scale) {
    scales_.emplace_back();
    for (std::size_t k = 0; k + 1 < kWidths.size(); ++k) {
      const std::string number = std::to_string(scale) + "_" + std::to_string(k);
      const torch::Tensor weight =
          torch::randn({kWidths[k + 1], kWidths[k], kKernel, kKernel}) * kFirstSpread;
      scales_.back().push_back(
          {register_parameter("weight" + number, weight),
           register_parameter("bias" + number, torch::zeros({kWidths[k + 1]}))});
    }
  }
}

std::vector<std::vector<torch::Tensor>> FaceJudge::forward(torch::Tensor x) const {
  std::vector<std::vector<torch::Tensor>> all;
  for (const std::vector<Layer>& layers : scales_) {
    if (!all.empty()) x = torch::avg_pool2d(x, 3, 2, 1, false, false);
    torch::Tensor y = x;
    std::vector<torch::Tensor> outputs;
    for (std::size_t k = 0; k < layers.size(); ++k) {
      y = torch::conv2d(y, layers[k].weight, layers[k].bias, kStrides[k], kKernel / 2);
      const bool last = k + 1 == layers.size();
      if (k > 0 && !last) y = torch::nn::functional::instance_norm(y);
      if (!last) y = torch::leaky_relu(y, kSlope);
      outputs.push_back(y);
    }
    all.push_back(std::move(outputs));
  }
  return all;
}

torch::Tensor judge_loss(const FaceJudge& judge, const torch::Tensor& real,
                         const torch::Tensor& made) {
  return 0.5 * (distance_of_scores(judge.forward(real.detach()), 1) +
                distance_of_scores(judge.forward(made.detach()), 0));
}

AdversarialLoss adversarial_loss(const FaceJudge& judge, const torch::Tensor& real,
                                 const torch::Tensor& made) {
  Judged wanted;
  {
    const torch::NoGradGuard no_grad;
    wanted = judge.forward(real);
  }
  const Judged found = judge.forward(made);
  torch::Tensor features = torch::zeros({}, made.options());
  for (std::size_t scale = 0; scale < found.size(); ++scale)
    for (std::size_t k = 0; k + 1 < found[scale].size(); ++k)
      features = features + (found[scale][k] - wanted[scale][k]).abs().mean() / kScales;
  return {distance_of_scores(found, 1), features};
}

}  // namespace visema::training
