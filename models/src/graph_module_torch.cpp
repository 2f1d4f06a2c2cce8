#include "graph_module_torch.h"

#include <algorithm>
#include <map>
#include <memory>

#include "graph_crop_torch.h"
#include "graph_kernels.h"
#include "visema/core/error.h"

namespace visema {

namespace {

constexpr auto kChannelsLast = torch::MemoryFormat::ChannelsLast;

/// True when the kernels of graph_kernels.h may work on this tensor's memory.
bool is_plain(const torch::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == torch::kFloat &&
         !(torch::GradMode::is_enabled() && x.requires_grad());
}

bool is_plain_picture(const torch::Tensor& x, std::int64_t channels) {
  return x.dim() == 4 && x.size(1) == channels && is_plain(x) && x.is_contiguous(kChannelsLast);
}

torch::Tensor empty_picture(const torch::Tensor& like, std::int64_t channels, std::int64_t height,
                            std::int64_t width) {
  return torch::empty({like.size(0), channels, height, width}, torch::kFloat, kChannelsLast);
}

bool is_only_owner(const torch::Tensor& x) {
  return x.use_count() == 1 && x.storage().use_count() == 1;
}

std::span<float> memory(const torch::Tensor& x) {
  return {x.data_ptr<float>(), static_cast<std::size_t>(x.numel())};
}

/// torch::conv2d hands small pictures to BLAS, which is slower here than oneDNN by half.
torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias, torch::IntArrayRef stride,
                       torch::IntArrayRef padding, std::int64_t groups) {
  if (is_plain(x) && torch::hasMKLDNN()) {
    return torch::mkldnn_convolution(x, weight, bias, padding, stride, {1, 1}, groups);
  }
  return torch::conv2d(x, weight, bias, stride, padding, 1, groups);
}

struct ActivationRule {
  Activation kind = Activation::kNone;
  torch::Tensor alpha;  // [c] for PReLU
};

std::span<const float> slope_of(const ActivationRule& rule) {
  return rule.kind == Activation::kPrelu ? memory(rule.alpha) : std::span<float>{};
}

/// x [n,c,...] or [n,p,c], taken over by the result where nobody else holds it.
torch::Tensor activate(torch::Tensor x, const ActivationRule& rule) {
  const std::int64_t channel_axis = x.dim() == 4 ? 1 : x.dim() - 1;
  switch (rule.kind) {
    case Activation::kNone:
      return x;
    case Activation::kSigmoid:
      return x.sigmoid();
    case Activation::kSoftmax:
      return x.softmax(channel_axis);
    default:
      break;
  }
  const bool in_place = is_plain(x) && is_only_owner(x) &&
                        (x.dim() == 4 ? x.is_contiguous(kChannelsLast) : x.is_contiguous());
  if (!in_place) {
    if (rule.kind == Activation::kRelu) return x.relu();
    if (rule.kind == Activation::kRelu6) return x.clamp(0, 6);
    std::vector<std::int64_t> shape(x.dim(), 1);
    shape[channel_axis] = rule.alpha.numel();
    return x.clamp_min(0) + rule.alpha.view(shape) * x.clamp_max(0);
  }
  if (rule.kind == Activation::kPrelu) {
    TORCH_CHECK(x.size(channel_axis) == rule.alpha.numel(), "PReLU slopes do not fit");
    prelu_in_place(memory(x), slope_of(rule));
  } else {
    clamp_in_place(memory(x), 0, rule.kind == Activation::kRelu6 ? 6.0f : HUGE_VALF);
  }
  return x;
}

torch::Tensor add(torch::Tensor term, torch::Tensor sum, const ActivationRule& rule) {
  const bool in_place = sum.dim() == 4 && term.dim() == 4 && is_plain(sum) && is_plain(term) &&
                        is_only_owner(sum) && sum.is_contiguous(kChannelsLast) &&
                        term.is_contiguous(kChannelsLast);
  if (!in_place) {
    if (term.dim() == 4 && term.size(1) < sum.size(1)) {
      term = torch::constant_pad_nd(term, {0, 0, 0, 0, 0, sum.size(1) - term.size(1)});
    }
    return activate(term + sum, rule);
  }
  TORCH_CHECK(sum.size(0) == term.size(0) && sum.size(1) >= term.size(1) &&
                  sum.size(2) == term.size(2) && sum.size(3) == term.size(3),
              "shapes to add do not fit");
  const auto slope = slope_of(rule);
  TORCH_CHECK(slope.empty() || sum.size(1) == rule.alpha.numel(), "PReLU slopes do not fit");
  add_in_place(memory(sum), sum.size(1), memory(term), term.size(1), slope);
  return rule.kind == Activation::kPrelu ? sum : activate(std::move(sum), rule);
}

torch::Tensor to_nhwc(const torch::Tensor& x) {
  return x.dim() == 4 ? x.permute({0, 2, 3, 1}) : x;
}
torch::Tensor from_nhwc(const torch::Tensor& x) {
  return x.dim() == 4 ? x.permute({0, 3, 1, 2}) : x;
}

}  // namespace

/// Makes one step of one op; the constants are captured as tensors in their final layout.
class GraphModule::Builder {
 public:
  Builder(const Graph& graph, torch::Device device) : graph_(graph), device_(device) {}

  Step build(const GraphOp& op) const {
    if (op.kind == "conv2d") return conv2d(op);
    if (op.kind == "add") {
      return [rule = activation(op)](Arguments in) {
        return add(std::move(in.at(0)), std::move(in.at(1)), rule);
      };
    }
    if (op.kind == "activation") {
      return [rule = activation(op)](Arguments in) { return activate(std::move(in.at(0)), rule); };
    }
    if (op.kind == "scale") {
      return [factor = constant(op, "factor")](Arguments in) {
        return from_nhwc(to_nhwc(in.at(0)) * factor);
      };
    }
    if (op.kind == "max_pool") return max_pool(op);
    if (op.kind == "pad") return pad(op);
    if (op.kind == "reshape") return reshape(op);
    if (op.kind == "concat") {
      return [axis = op.options.at("axis").get<std::int64_t>()](Arguments in) {
        for (auto& x : in) x = to_nhwc(x);
        return from_nhwc(torch::cat(in, axis));
      };
    }
    if (op.kind == "mean_hw") {
      return [keep = op.options.value("keep", false)](Arguments in) {
        return in.at(0).mean({2, 3}, keep);
      };
    }
    if (op.kind == "multiply") {
      return [](Arguments in) { return (in.at(0) * in.at(1)).contiguous(kChannelsLast); };
    }
    if (op.kind == "resize") {
      return [size = integers(op, "size", 2)](Arguments in) {
        return torch::upsample_bilinear2d(in.at(0), size, false).contiguous(kChannelsLast);
      };
    }
    if (op.kind == "depth_to_space") {
      return [side = integer(op, "side")](Arguments in) {
        return torch::pixel_shuffle(in.at(0), side).contiguous(kChannelsLast);
      };
    }
    if (op.kind == "linear") {
      return [weight = constant(op, "weight"), bias = constant(op, "bias"), rule = activation(op)](
                 Arguments in) { return activate(torch::linear(in.at(0), weight, bias), rule); };
    }
    if (op.kind == "landmarks_to_matrix") return crop_matrix(op);
    if (op.kind == "crop_bilinear") {
      return [height = integer(op, "height"), width = integer(op, "width")](Arguments in) {
        return crop_bilinear(in.at(0), in.at(1), height, width).contiguous(kChannelsLast);
      };
    }
    if (op.kind == "transform_points") {
      return [](Arguments in) { return transform_points(in.at(0), in.at(1)); };
    }
    throw std::runtime_error("operation '" + op.kind + "' is not known");
  }

 private:
  static std::int64_t integer(const GraphOp& op, const char* key) {
    return op.options.at(key).get<std::int64_t>();
  }
  static std::vector<std::int64_t> integers(const GraphOp& op, const char* key, std::size_t count) {
    auto values = op.options.at(key).get<std::vector<std::int64_t>>();
    if (values.size() != count) throw std::runtime_error(std::string("option ") + key);
    return values;
  }

  torch::Tensor constant(const GraphOp& op, const char* role) const {
    const auto name = op.options.at(role).get<std::string>();
    const auto found = graph_.constants.find(name);
    if (found == graph_.constants.end()) throw std::runtime_error("no tensor '" + name + "'");
    const GraphConstant& values = found->second;
    const torch::Tensor tensor =
        torch::tensor(torch::ArrayRef<float>(values.values)).view(values.shape).to(device_);
    return tensor.dim() == 4 ? tensor.contiguous(kChannelsLast) : tensor;
  }

  ActivationRule activation(const GraphOp& op) const {
    static const std::map<std::string, Activation> kinds = {
        {"relu", Activation::kRelu},       {"relu6", Activation::kRelu6},
        {"sigmoid", Activation::kSigmoid}, {"softmax", Activation::kSoftmax},
        {"prelu", Activation::kPrelu},
    };
    if (!op.options.contains("activation")) return {};
    const auto name = op.options["activation"].get<std::string>();
    const auto found = kinds.find(name);
    if (found == kinds.end()) throw std::runtime_error("activation '" + name + "' is not known");
    if (found->second != Activation::kPrelu) return {found->second, {}};
    return {found->second, constant(op, "alpha").flatten()};
  }

  /// Splits [top,bottom,left,right] into what the operation does itself and what must be done
  /// before.
  struct Padding {
    std::vector<std::int64_t> inside{0, 0};
    std::vector<std::int64_t> before;  // as constant_pad_nd wants it, empty for none
  };
  static Padding padding(const GraphOp& op) {
    const auto p = integers(op, "pad", 4);
    if (p[0] == p[1] && p[2] == p[3]) return {{p[0], p[2]}, {}};
    return {{0, 0}, {p[2], p[3], p[0], p[1]}};
  }

  std::vector<float> numbers(const GraphOp& op, const char* role) const {
    if (!op.options.contains(role)) return {};
    const auto found = graph_.constants.find(op.options[role].get<std::string>());
    return found == graph_.constants.end() ? std::vector<float>{} : found->second.values;
  }

  Step conv2d(const GraphOp& op) const {
    const torch::Tensor weight = constant(op, "weight");
    const torch::Tensor bias = op.options.contains("bias") ? constant(op, "bias") : torch::Tensor();
    if (weight.dim() != 4) throw std::runtime_error("its weight is no kernel");
    if (bias.defined() && (bias.dim() != 1 || bias.size(0) != weight.size(0))) {
      throw std::runtime_error("its bias does not fit its weight");
    }
    const auto stride = integers(op, "stride", 2), pad = integers(op, "pad", 4);
    const auto groups = integer(op, "groups");
    Step general = [=, outer = padding(op), rule = activation(op)](Arguments in) {
      torch::Tensor x = std::move(in.at(0));
      if (!outer.before.empty()) x = torch::constant_pad_nd(x, outer.before);
      return activate(convolve(x, weight, bias, stride, outer.inside, groups), rule);
    };
    const bool unpadded = std::all_of(pad.begin(), pad.end(), [](auto n) { return n == 0; });
    if (!device_.is_cpu()) return general;
    if (groups == 1 && weight.size(2) == 1 && weight.size(3) == 1 && unpadded &&
        stride == std::vector<std::int64_t>{1, 1}) {
      return pointwise(op, weight, general);
    }
    const bool sane =
        *std::min_element(pad.begin(), pad.end()) >= 0 && stride[0] > 0 && stride[1] > 0;
    if (groups == weight.size(0) && weight.size(1) == 1 && groups > 1 && sane) {
      return depthwise(op, weight, stride, pad, general);
    }
    return general;
  }

  Step pointwise(const GraphOp& op, const torch::Tensor& weight, Step general) const {
    const std::int64_t outs = weight.size(0), ins = weight.size(1);
    const auto kernel = std::make_shared<const PointwiseKernel>(numbers(op, "weight"),
                                                                numbers(op, "bias"), outs, ins);
    return [=, rule = activation(op)](Arguments in) {
      const torch::Tensor& x = in.at(0);
      if (!is_plain_picture(x, ins)) return general(std::move(in));
      torch::Tensor y = empty_picture(x, outs, x.size(2), x.size(3));
      kernel->run(x.data_ptr<float>(), y.data_ptr<float>(), x.size(0) * x.size(2) * x.size(3));
      return activate(std::move(y), rule);
    };
  }

  Step depthwise(const GraphOp& op, const torch::Tensor& weight, std::vector<std::int64_t> stride,
                 std::vector<std::int64_t> pad, Step general) const {
    const std::int64_t channels = weight.size(0), h = weight.size(2), w = weight.size(3);
    const auto kernel = std::make_shared<const DepthwiseKernel>(
        numbers(op, "weight"), numbers(op, "bias"), channels, h, w);
    return [=, rule = activation(op)](Arguments in) {
      const torch::Tensor& x = in.at(0);
      const PictureShape from{x.size(2), x.size(3), channels};
      const PictureShape to{(from.height + pad[0] + pad[1] - h) / stride[0] + 1,
                            (from.width + pad[2] + pad[3] - w) / stride[1] + 1, channels};
      if (!is_plain_picture(x, channels) || x.size(0) != 1 || to.height < 1 || to.width < 1) {
        return general(std::move(in));
      }
      torch::Tensor y = empty_picture(x, channels, to.height, to.width);
      kernel->run(x.data_ptr<float>(), from, y.data_ptr<float>(), to, stride[0], stride[1], pad[0],
                  pad[2]);
      return activate(std::move(y), rule);
    };
  }

  Step max_pool(const GraphOp& op) const {
    return [kernel = integers(op, "kernel", 2), stride = integers(op, "stride", 2),
            pad = padding(op)](Arguments in) {
      torch::Tensor x = std::move(in.at(0));
      if (!pad.before.empty()) x = torch::constant_pad_nd(x, pad.before, -HUGE_VAL);
      return torch::max_pool2d(x, kernel, stride, pad.inside);
    };
  }

  Step pad(const GraphOp& op) const {
    const auto amount = op.options.at("amount").get<std::vector<std::vector<std::int64_t>>>();
    std::vector<std::int64_t> reversed;  // last axis first
    for (auto axis = amount.rbegin(); axis != amount.rend(); ++axis) {
      reversed.push_back(axis->at(0));
      reversed.push_back(axis->at(1));
    }
    return [reversed](Arguments in) {
      return from_nhwc(torch::constant_pad_nd(to_nhwc(in.at(0)), reversed));
    };
  }

  Step reshape(const GraphOp& op) const {
    auto shape = op.options.at("shape").get<std::vector<std::int64_t>>();
    shape.insert(shape.begin(), 0);
    return [shape](Arguments in) mutable {
      shape[0] = in.at(0).size(0);
      return from_nhwc(to_nhwc(in[0]).reshape(shape));
    };
  }

  Step crop_matrix(const GraphOp& op) const {
    const auto number = [&](const char* key) { return op.options.at(key).get<double>(); };
    const CropRule rule{integer(op, "left"),   integer(op, "right"), number("rotation"),
                        integer(op, "height"), integer(op, "width"), number("scale_x"),
                        number("scale_y")};
    const auto points = op.options.at("points").get<std::vector<std::int64_t>>();
    const torch::Tensor subset = torch::tensor(points).to(device_);
    return [=](Arguments in) { return landmarks_to_matrix(in.at(0), subset, rule); };
  }

  const Graph& graph_;
  torch::Device device_;
};

GraphModule::GraphModule(const Graph& graph, std::string source, torch::Device device) {
  const auto reject = [&](const std::string& why) {
    throw Error(ErrorCode::kModel, source + ": network cannot run: " + why);
  };
  const Builder builder(graph, device);
  std::map<std::string, int> slot{{graph.input.value, values_++}};
  const auto find = [&](const std::string& value) {
    const auto found = slot.find(value);
    if (found == slot.end()) reject("nothing makes value '" + value + "'");
    return found->second;
  };
  for (const auto& op : graph.ops) {
    Node node;
    for (const auto& input : op.inputs) node.inputs.push_back(find(input));
    node.last_use.assign(node.inputs.size(), false);
    if (!slot.emplace(op.output, values_).second) reject("value '" + op.output + "' is made twice");
    node.output = values_++;
    try {
      node.step = builder.build(op);
    } catch (const std::exception& error) {
      reject(op.kind + " '" + op.output + "': " + error.what());
    }
    nodes_.push_back(std::move(node));
  }
  for (const auto& output : graph.outputs) outputs_.push_back(find(output.value));

  std::vector<bool> later(values_, false);
  for (const int output : outputs_) later[output] = true;
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    for (std::size_t i = node->inputs.size(); i-- > 0;) {
      node->last_use[i] = !later[node->inputs[i]];
      later[node->inputs[i]] = true;
    }
  }

  const auto& shape = graph.input.shape;
  if (shape.size() != 4) reject("its input is no picture");
  try {
    const torch::InferenceMode no_gradients;
    const auto results = forward(torch::zeros({1, shape[3], shape[1], shape[2]}, device));
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].sizes() != torch::IntArrayRef(graph.outputs[i].shape)) {
        reject("output '" + graph.outputs[i].name + "' has another shape than declared");
      }
    }
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& error) {
    reject(error.what_without_backtrace());
  } catch (const std::exception& error) {
    reject(error.what());
  }
}

std::vector<torch::Tensor> GraphModule::forward(torch::Tensor picture) const {
  std::vector<torch::Tensor> values(values_);
  values[0] = picture.contiguous(kChannelsLast);
  picture.reset();
  for (const auto& node : nodes_) {
    Arguments arguments;
    arguments.reserve(node.inputs.size());
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      torch::Tensor& value = values[node.inputs[i]];
      arguments.push_back(node.last_use[i] ? std::move(value) : value);
    }
    values[node.output] = node.step(std::move(arguments));
  }
  std::vector<torch::Tensor> results;
  for (const int output : outputs_) results.push_back(to_nhwc(values[output]));
  return results;
}

}  // namespace visema
