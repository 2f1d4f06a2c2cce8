#include "graph_format.h"

#include <set>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr int kVersion = 1;

nlohmann::json to_json(const GraphPort& port) {
  return {{"name", port.name}, {"value", port.value}, {"shape", port.shape}};
}

GraphPort port_of(const nlohmann::json& json) {
  return {json.at("name").get<std::string>(), json.at("value").get<std::string>(),
          json.at("shape").get<std::vector<std::int64_t>>()};
}

std::map<std::string, int> count_uses(const Graph& graph) {
  std::map<std::string, int> uses;
  for (const auto& op : graph.ops) {
    for (const auto& input : op.inputs) ++uses[input];
  }
  for (const auto& output : graph.outputs) ++uses[output.value];
  return uses;
}

bool single_use(const std::map<std::string, int>& uses, const std::string& value) {
  const auto found = uses.find(value);
  return found != uses.end() && found->second == 1;
}

void drop_unused(Graph& graph) {
  std::set<std::string> needed;
  for (const auto& output : graph.outputs) needed.insert(output.value);
  std::vector<GraphOp> kept;
  for (auto op = graph.ops.rbegin(); op != graph.ops.rend(); ++op) {
    if (!needed.contains(op->output)) continue;
    needed.insert(op->inputs.begin(), op->inputs.end());
    kept.push_back(std::move(*op));
  }
  graph.ops.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));

  std::set<std::string> constants;
  for (const auto& op : graph.ops) {
    for (const char* role : {"weight", "bias", "alpha", "factor"}) {
      if (op.options.contains(role)) constants.insert(op.options[role].get<std::string>());
    }
  }
  std::erase_if(graph.constants, [&](const auto& item) { return !constants.contains(item.first); });
}

bool takes_activation(const GraphOp& op) {
  return (op.kind == "conv2d" || op.kind == "add" || op.kind == "linear") &&
         !op.options.contains("activation");
}

void merge_activations(Graph& graph) {
  const auto uses = count_uses(graph);
  std::map<std::string, GraphOp*> maker;
  std::set<const GraphOp*> merged;
  for (auto& op : graph.ops) {
    if (op.kind == "activation") {
      const auto found = maker.find(op.inputs.at(0));
      if (found != maker.end() && takes_activation(*found->second) &&
          single_use(uses, op.inputs[0])) {
        GraphOp* before = found->second;
        before->options.update(op.options);
        before->output = op.output;
        maker[op.output] = before;
        merged.insert(&op);
        continue;
      }
    }
    maker[op.output] = &op;
  }
  // The result now appears where the first of both stood, which is early enough for every reader.
  std::vector<GraphOp> kept;
  for (auto& op : graph.ops) {
    if (!merged.contains(&op)) kept.push_back(std::move(op));
  }
  graph.ops = std::move(kept);
}

bool pads_channels_only(const GraphOp& op) {
  if (op.kind != "pad") return false;
  const auto& amount = op.options.at("amount");
  if (amount.size() != 4 || amount[3][0] != 0) return false;
  for (int axis = 0; axis < 3; ++axis) {
    if (amount[axis][0] != 0 || amount[axis][1] != 0) return false;
  }
  return true;
}

void merge_channel_padding(Graph& graph) {
  const auto uses = count_uses(graph);
  std::map<std::string, std::string> padded;  // pad's output -> its input
  for (auto& op : graph.ops) {
    if (pads_channels_only(op) && single_use(uses, op.output)) padded[op.output] = op.inputs.at(0);
    if (op.kind != "add") continue;
    auto& in = op.inputs;
    if (padded.contains(in.at(1)) && !padded.contains(in[0])) std::swap(in[0], in[1]);
    if (padded.contains(in[0]) && !padded.contains(in[1])) in[0] = padded[in[0]];
  }
}

}  // namespace

void simplify(Graph& graph) {
  merge_activations(graph);
  merge_channel_padding(graph);
  drop_unused(graph);
}

void write_graph(const std::filesystem::path& path, const Graph& graph,
                 std::map<std::string, std::string> metadata) {
  nlohmann::json json = {{"version", kVersion}, {"input", to_json(graph.input)}};
  for (const auto& output : graph.outputs) json["outputs"].push_back(to_json(output));
  for (const auto& op : graph.ops) {
    auto item = op.options;
    item["op"] = op.kind;
    item["in"] = op.inputs;
    item["out"] = op.output;
    json["ops"].push_back(std::move(item));
  }
  metadata["graph"] = json.dump();

  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::vector<std::uint16_t>> halves;
  for (const auto& [name, constant] : graph.constants) {
    if (!constant.half) {
      tensors[name] = view_of(std::span<const float>(constant.values), constant.shape);
      continue;
    }
    auto& half = halves[name];
    for (const float value : constant.values) half.push_back(float_to_half(value));
    tensors[name] = view_of_half(half, constant.shape);
  }
  write_tensor_file(path, tensors, metadata);
}

Graph read_graph(const TensorFile& file) {
  const auto reject = [&](const std::string& why) {
    throw Error(ErrorCode::kModel, file.source() + " holds no network graph: " + why);
  };
  const auto text = file.metadata().find("graph");
  if (text == file.metadata().end()) reject("its metadata has no 'graph'");
  Graph graph;
  try {
    const auto json = nlohmann::json::parse(text->second);
    if (json.at("version").get<int>() != kVersion) {
      reject("graph version " + json.at("version").dump() + ", expected 1");
    }
    graph.input = port_of(json.at("input"));
    for (const auto& output : json.at("outputs")) graph.outputs.push_back(port_of(output));
    for (auto item : json.at("ops")) {
      GraphOp op{item.at("op").get<std::string>(), item.at("in").get<std::vector<std::string>>(),
                 item.at("out").get<std::string>()};
      for (const char* key : {"op", "in", "out"}) item.erase(key);
      op.options = std::move(item);
      graph.ops.push_back(std::move(op));
    }
  } catch (const nlohmann::json::exception& error) {
    reject(error.what());
  }
  for (const auto& name : file.names()) {
    const Tensor tensor = file.get(name);
    graph.constants[name] = {tensor.shape, file.floats(name), tensor.dtype == "F16"};
  }
  return graph;
}

}  // namespace visema
