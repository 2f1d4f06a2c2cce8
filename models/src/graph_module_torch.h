#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

#include "graph_format.h"

namespace visema {

/// A converted network as a function of torch tensors. Differentiable; without gradients on the CPU
/// it works in place on channels-last memory. forward() may be called from several threads.
class GraphModule {
 public:
  /// Runs once on zeros to check the graph. Throws Error(kModel).
  GraphModule(const Graph& graph, std::string source, torch::Device device = torch::kCPU);

  /// picture [n,c,h,w] in the network's own range, on the module's device. Results in the order of
  /// the graph's outputs, shapes as there (NHWC) with n as batch.
  std::vector<torch::Tensor> forward(torch::Tensor picture) const;

 private:
  using Arguments = std::vector<torch::Tensor>;
  using Step = std::function<torch::Tensor(Arguments)>;
  struct Node {
    Step step;
    std::vector<int> inputs;
    std::vector<bool> last_use;
    int output = 0;
  };
  class Builder;

  std::vector<Node> nodes_;
  std::vector<int> outputs_;
  int values_ = 0;
};

}  // namespace visema
