#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "syncnet_layers.h"
#include "visema/core/error.h"
#include "visema/models/syncnet_network.h"
#include "visema/models/tensor_file.h"
#include "visema/models/torch_checkpoint.h"

namespace visema {
namespace {

void add_norm(std::vector<SyncnetTensor>& all, const std::string& name, std::int64_t channels) {
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
    all.push_back({name + part, {channels}});
}

void add_tower(std::vector<SyncnetTensor>& all, const std::string& name,
               const SyncnetTower& tower) {
  for (const SyncnetConvolution& layer : tower) {
    const std::string convolution = name + '.' + std::to_string(layer.module);
    std::vector<std::int64_t> shape = {layer.out, layer.in};
    if (layer.frames > 0) shape.push_back(layer.frames);
    shape.insert(shape.end(), {layer.height, layer.width});
    all.push_back({convolution + ".weight", shape});
    all.push_back({convolution + ".bias", {layer.out}});
    add_norm(all, name + '.' + std::to_string(layer.module + 1), layer.out);
  }
}

void add_head(std::vector<SyncnetTensor>& all, const std::string& name) {
  all.push_back({name + ".0.weight", {kSyncnetFeatures, kSyncnetFeatures}});
  all.push_back({name + ".0.bias", {kSyncnetFeatures}});
  add_norm(all, name + ".1", kSyncnetFeatures);
  all.push_back({name + ".3.weight", {kSyncnetEmbedding, kSyncnetFeatures}});
  all.push_back({name + ".3.bias", {kSyncnetEmbedding}});
}

}  // namespace

std::vector<SyncnetTensor> syncnet_tensors() {
  std::vector<SyncnetTensor> all;
  add_tower(all, "netcnnaud", kSyncnetSpeechTower);
  add_head(all, "netfcaud");
  add_head(all, "netfclip");
  add_tower(all, "netcnnlip", kSyncnetMouthTower);
  return all;
}

void import_syncnet(const std::filesystem::path& model, const std::filesystem::path& out) {
  const TorchCheckpoint checkpoint = TorchCheckpoint::open(model);
  const std::vector<SyncnetTensor> layout = syncnet_tensors();
  std::set<std::string> known;
  for (const SyncnetTensor& tensor : layout) known.insert(tensor.name);
  for (const std::string& name : checkpoint.names())
    if (!known.contains(name) && !name.ends_with(".num_batches_tracked"))
      throw Error(ErrorCode::kModel, checkpoint.source() + ": tensor '" + name +
                                         "' is none of SyncNet's: must be syncnet_v2.model");

  std::map<std::string, std::vector<float>> numbers;
  std::map<std::string, Tensor> tensors;
  for (const SyncnetTensor& tensor : layout) {
    const auto& values = numbers[tensor.name] = checkpoint.floats(tensor.name, tensor.shape);
    tensors[tensor.name] = view_of(values, tensor.shape);
  }
  const nlohmann::ordered_json card = {
      {"source", model.filename().string()},
      {"sha256", checkpoint.sha256()},
      {"paper", "Chung and Zisserman 2016, Out of time: automated lip sync in the wild"}};
  write_tensor_file(
      out, tensors,
      to_metadata({kSyncnetName, kSyncnetVersion, "{}",
                   card.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}));
}

}  // namespace visema
