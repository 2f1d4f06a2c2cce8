#include "perceptual_loss_torch.h"

#include <string>

#include "graph_format.h"
#include "visema/core/error.h"
#include "visema/models/tensor_file.h"

namespace visema::training {
namespace {

constexpr double kTiny = 1e-8;

torch::Tensor unit(const torch::Tensor& x) {
  return x / (x.norm(2, {-1}, true) + kTiny);
}

}  // namespace

PerceptualLoss::PerceptualLoss(const std::filesystem::path& network, torch::Device device) {
  const Graph graph = read_graph(TensorFile::open(network));
  const std::vector<std::int64_t>& shape = graph.input.shape;
  bool fits = shape.size() == 4 && shape[3] == 3 && shape[1] == shape[2] && !graph.outputs.empty();
  for (const GraphPort& output : graph.outputs) fits = fits && output.shape.size() == 4;
  if (!fits)
    throw Error(ErrorCode::kModel, network.string() +
                                       " gives no perceptual distance: it must turn a square RGB "
                                       "picture into feature maps [1, height, width, channels]");
  side_ = shape[1];
  network_ = std::make_unique<GraphModule>(graph, network.string(), device);
}

std::vector<torch::Tensor> PerceptualLoss::features(const torch::Tensor& pictures) const {
  const torch::Tensor fitted = torch::upsample_bilinear2d(pictures, {side_, side_}, false)
                                   .contiguous(torch::MemoryFormat::ChannelsLast);
  return network_->forward(fitted);
}

torch::Tensor PerceptualLoss::operator()(const torch::Tensor& made,
                                         const torch::Tensor& wanted) const {
  std::vector<torch::Tensor> goal;
  {
    const torch::NoGradGuard no_grad;
    goal = features(wanted);
  }
  const std::vector<torch::Tensor> found = features(made);
  torch::Tensor sum = torch::zeros({}, made.options());
  for (std::size_t layer = 0; layer < found.size(); ++layer)
    sum = sum + (unit(found[layer]) - unit(goal[layer])).square().sum(-1).mean();
  return sum / static_cast<double>(found.size());
}

}  // namespace visema::training
