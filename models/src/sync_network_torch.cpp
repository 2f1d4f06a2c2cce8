#include <torch/torch.h>

#include <algorithm>

#include "compute_device_torch.h"
#include "sync_model_torch.h"
#include "visema/core/error.h"
#include "visema/models/sync_network.h"
#include "weight_card_torch.h"

namespace visema {

struct SyncNetwork::State {
  Compute compute;
  torch::Device device = torch::kCPU;
  WeightCard card;
  std::shared_ptr<SyncModel> model;

  std::vector<float> read(const torch::Tensor& values) const {
    const torch::Tensor flat = values.to(torch::kCPU).contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
  }
};

SyncNetwork::SyncNetwork(const std::filesystem::path& path, const Compute& compute)
    : state_(std::make_unique<State>()) {
  const TensorFile file = TensorFile::open(path);
  state_->compute = compute;
  state_->device = torch_device(compute);
  state_->card = read_weight_card(file, kSyncName, kSyncVersion);
  state_->model =
      std::make_shared<SyncModel>(SyncConfig::from_json(state_->card.config, file.source()));
  load_weights(*state_->model, file, "model.");
  state_->model->eval();
  state_->model->to(state_->device);
}

SyncNetwork::~SyncNetwork() = default;
SyncNetwork::SyncNetwork(SyncNetwork&&) noexcept = default;
SyncNetwork& SyncNetwork::operator=(SyncNetwork&&) noexcept = default;

int SyncNetwork::window() const {
  return static_cast<int>(state_->model->config().window);
}

int SyncNetwork::embedding_size() const {
  return static_cast<int>(state_->model->config().embedding);
}

const WeightCard& SyncNetwork::card() const {
  return state_->card;
}

std::vector<float> SyncNetwork::embed_mouth(std::span<const std::uint8_t> crops,
                                            std::span<const float> points) const {
  constexpr std::size_t kPixels = static_cast<std::size_t>(kSyncCrop) * kSyncCrop;
  const std::size_t count = crops.size() / kPixels;
  if (crops.size() != count * kPixels || points.size() != count * kSyncPoints * 2)
    throw Error(ErrorCode::kInternal,
                "mouths of " + std::to_string(crops.size()) + " pixels and " +
                    std::to_string(points.size()) +
                    " coordinates: must be frames x 48 x 48 and frames x 118");
  if (count < static_cast<std::size_t>(window())) return {};
  const c10::InferenceMode inference;
  use(state_->compute);
  const auto frames = static_cast<std::int64_t>(count);
  constexpr std::int64_t kEdge = (kSyncCrop - kSyncPicture) / 2;
  const torch::Tensor pictures = torch::from_blob(const_cast<std::uint8_t*>(crops.data()),
                                                  {1, frames, kSyncCrop, kSyncCrop}, torch::kByte)
                                     .narrow(2, kEdge, kSyncPicture)
                                     .narrow(3, kEdge, kSyncPicture)
                                     .to(state_->device);
  const torch::Tensor places = torch::from_blob(const_cast<float*>(points.data()),
                                                {1, frames, kSyncPoints * 2}, torch::kFloat)
                                   .to(state_->device);
  return state_->read(state_->model->mouth(pictures, places));
}

std::vector<float> SyncNetwork::embed_speech(std::span<const float> mel,
                                             std::span<const float> positions) const {
  const auto frames = static_cast<std::int64_t>(mel.size()) / kSyncMelBands;
  const auto reach = static_cast<float>(kSyncSpeechReach);
  if (mel.size() != static_cast<std::size_t>(frames) * kSyncMelBands ||
      !std::all_of(positions.begin(), positions.end(), [&](float p) {
        return p >= reach && p <= static_cast<float>(frames - 1) - reach;
      }))
    throw Error(ErrorCode::kInternal,
                "moments outside the " + std::to_string(frames) + " mel frames given");
  if (positions.empty()) return {};
  const c10::InferenceMode inference;
  use(state_->compute);
  const auto count = static_cast<std::int64_t>(positions.size());
  const torch::Tensor sound =
      torch::from_blob(const_cast<float*>(mel.data()), {1, frames, kSyncMelBands}, torch::kFloat)
          .to(state_->device);
  const torch::Tensor places =
      torch::from_blob(const_cast<float*>(positions.data()), {1, count}, torch::kFloat)
          .to(state_->device);
  return state_->read(state_->model->speech(sound, places));
}

std::vector<float> SyncNetwork::background(std::span<const float> mouths) const {
  const auto count = static_cast<std::int64_t>(mouths.size()) / embedding_size();
  if (mouths.size() != static_cast<std::size_t>(count) * embedding_size())
    throw Error(ErrorCode::kInternal, "mouths of " + std::to_string(mouths.size()) +
                                          " numbers: must be embeddings of " +
                                          std::to_string(embedding_size()));
  if (count == 0) return {};
  const c10::InferenceMode inference;
  use(state_->compute);
  const torch::Tensor rows =
      torch::from_blob(const_cast<float*>(mouths.data()), {count, embedding_size()}, torch::kFloat)
          .to(state_->device);
  return state_->read(state_->model->background_level(rows));
}

}  // namespace visema
