#include <torch/torch.h>

#include "graph_module_torch.h"
#include "visema/core/error.h"
#include "visema/models/graph_network.h"

namespace visema {

struct GraphNetwork::State {
  State(const Graph& graph, const std::string& source)
      : input{graph.input.name, graph.input.shape}, module(graph, source) {
    for (const auto& output : graph.outputs) outputs.push_back({output.name, output.shape});
  }
  Port input;
  std::vector<Port> outputs;
  GraphModule module;
};

GraphNetwork::GraphNetwork(const std::filesystem::path& path) {
  const TensorFile file = TensorFile::open(path);
  state_ = std::make_unique<State>(read_graph(file), file.source());
}

GraphNetwork::~GraphNetwork() = default;
GraphNetwork::GraphNetwork(GraphNetwork&&) noexcept = default;
GraphNetwork& GraphNetwork::operator=(GraphNetwork&&) noexcept = default;

const GraphNetwork::Port& GraphNetwork::input() const {
  return state_->input;
}
const std::vector<GraphNetwork::Port>& GraphNetwork::outputs() const {
  return state_->outputs;
}

std::vector<std::vector<float>> GraphNetwork::run(std::span<const float> input) const {
  const auto& shape = state_->input.shape;
  if (input.size() != static_cast<std::size_t>(shape[1] * shape[2] * shape[3])) {
    throw Error(ErrorCode::kInternal, "network input has " + std::to_string(input.size()) +
                                          " numbers, expected " +
                                          std::to_string(shape[1] * shape[2] * shape[3]));
  }
  const torch::InferenceMode no_gradients;
  const auto picture =
      torch::from_blob(const_cast<float*>(input.data()), {1, shape[1], shape[2], shape[3]})
          .permute({0, 3, 1, 2});
  std::vector<std::vector<float>> results;
  for (const auto& output : state_->module.forward(picture)) {
    const auto packed = output.contiguous();
    const float* from = packed.data_ptr<float>();
    results.emplace_back(from, from + packed.numel());
  }
  return results;
}

}  // namespace visema
