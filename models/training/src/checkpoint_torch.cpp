#include "checkpoint_torch.h"

#include <array>
#include <nlohmann/json.hpp>

#include "visema/core/error.h"
#include "visema/models/tensor_file.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

constexpr std::array<const char*, 4> kParts = {"weights", "average", "first_moment",
                                               "second_moment"};

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const std::string& network,
                     const std::vector<Trained>& trained,
                     const std::map<std::string, double>& progress,
                     const std::map<std::string, torch::Tensor>& state) {
  WeightWriter writer;
  nlohmann::json json = progress;
  for (const Trained& t : trained) {
    const std::vector<torch::Tensor> own = t.optimizer.state();
    for (std::size_t i = 0; i < kParts.size(); ++i) writer.add(t.prefix + kParts[i], own[i], false);
    json[t.prefix + "steps"] = t.optimizer.steps();
  }
  for (const auto& [name, tensor] : state) writer.add(name, tensor, false);
  writer.write(path, {{"checkpoint", network}, {"progress", json.dump()}});
}

std::map<std::string, double> load_checkpoint(const std::filesystem::path& path,
                                              const std::string& network,
                                              const std::vector<Trained>& trained,
                                              const std::map<std::string, torch::Tensor>& state) {
  const TensorFile file = TensorFile::open(path);
  const auto& metadata = file.metadata();
  const auto name = metadata.find("checkpoint");
  const auto text = metadata.find("progress");
  if (name == metadata.end() || name->second != network || text == metadata.end())
    throw Error(ErrorCode::kModel, file.source() + ": not a checkpoint of " + network);
  std::map<std::string, double> progress;
  try {
    progress = nlohmann::json::parse(text->second).get<std::map<std::string, double>>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, file.source() + ": progress in its metadata: " + error.what());
  }
  for (const Trained& t : trained) {
    std::vector<torch::Tensor> read;
    const std::vector<torch::Tensor> own = t.optimizer.state();
    for (std::size_t i = 0; i < kParts.size(); ++i)
      read.push_back(read_tensor(file, t.prefix + kParts[i], own[i].sizes().vec()));
    t.optimizer.restore(read, static_cast<std::int64_t>(progress[t.prefix + "steps"]));
  }
  const torch::NoGradGuard no_grad;
  for (const auto& [key, tensor] : state)
    torch::Tensor(tensor).copy_(read_tensor(file, key, tensor.sizes().vec()));
  return progress;
}

nlohmann::ordered_json begin_with(torch::nn::Module& module, const std::filesystem::path& path,
                                  const WeightCard& wanted) {
  const TensorFile file = TensorFile::open(path);
  const WeightCard card = read_weight_card(file, wanted.network, wanted.version);
  if (nlohmann::json::parse(card.config, nullptr, false) != nlohmann::json::parse(wanted.config))
    throw Error(ErrorCode::kModel, file.source() + ": its configuration " + card.config +
                                       " is not that of this training, " + wanted.config);
  load_weights(module, file, "model.");
  return nlohmann::ordered_json::parse(card.card, nullptr, false);
}

}  // namespace visema::training
