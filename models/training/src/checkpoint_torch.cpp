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
                     const FlatAdamW& optimizer, const std::map<std::string, double>& progress) {
  WeightWriter writer;
  const std::vector<torch::Tensor> state = optimizer.state();
  for (std::size_t i = 0; i < kParts.size(); ++i) writer.add(kParts[i], state[i], false);
  nlohmann::json json = progress;
  json["steps"] = optimizer.steps();
  writer.write(path, {{"checkpoint", network}, {"progress", json.dump()}});
}

std::map<std::string, double> load_checkpoint(const std::filesystem::path& path,
                                              const std::string& network, FlatAdamW& optimizer) {
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
  std::vector<torch::Tensor> state;
  const std::vector<torch::Tensor> own = optimizer.state();
  for (std::size_t i = 0; i < kParts.size(); ++i)
    state.push_back(read_tensor(file, kParts[i], own[i].sizes().vec()));
  optimizer.restore(state, static_cast<std::int64_t>(progress["steps"]));
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
