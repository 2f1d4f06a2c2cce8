#include <torch/torch.h>

#include <algorithm>
#include <vector>

#include "compute_device_torch.h"
#include "speech_model_torch.h"
#include "visema/core/error.h"
#include "visema/models/speech_network.h"
#include "weight_card_torch.h"

namespace visema {

struct SpeechNetwork::State {
  Compute compute;
  torch::Device device = torch::kCPU;
  WeightCard card;
  SpeechBasis basis;
  std::shared_ptr<SpeechModel> model;
};

FrameIndex last_mel_frame(SampleIndex sample) {
  const SampleIndex reach = sample + kSpeechLookahead;
  return reach >= 0 ? reach / kSpeechMelHop : -((-reach + kSpeechMelHop - 1) / kSpeechMelHop);
}

SpeechNetwork::SpeechNetwork(const std::filesystem::path& path, const Compute& compute)
    : state_(std::make_unique<State>()) {
  const TensorFile file = TensorFile::open(path);
  state_->compute = compute;
  state_->device = torch_device(compute);
  state_->card = read_weight_card(file, kSpeechName, kSpeechVersion);
  const SpeechConfig config = SpeechConfig::from_json(state_->card.config, file.source());
  state_->basis = SpeechBasis::read(file, "basis.");
  if (state_->basis.lower.count != config.lower || state_->basis.upper.count != config.upper)
    throw Error(ErrorCode::kModel, file.source() + ": basis.lower and basis.upper have " +
                                       std::to_string(state_->basis.lower.count) + " and " +
                                       std::to_string(state_->basis.upper.count) +
                                       " rows: config says " + std::to_string(config.lower) +
                                       " and " + std::to_string(config.upper));
  state_->model = std::make_shared<SpeechModel>(config);
  load_weights(*state_->model, file, "model.");
  state_->model->eval();
  state_->model->to(state_->device);
}

SpeechNetwork::~SpeechNetwork() = default;
SpeechNetwork::SpeechNetwork(SpeechNetwork&&) noexcept = default;
SpeechNetwork& SpeechNetwork::operator=(SpeechNetwork&&) noexcept = default;

const SpeechBasis& SpeechNetwork::basis() const {
  return state_->basis;
}
const WeightCard& SpeechNetwork::card() const {
  return state_->card;
}

int SpeechNetwork::encoded_width() const {
  return static_cast<int>(state_->model->config().encoded);
}

SpeechCoefficients SpeechNetwork::predict(std::span<const float> mel,
                                          std::span<const float> encoded, float last_offset_s,
                                          std::span<const float> references) const {
  const BasisPart& lower = state_->basis.lower;
  const BasisPart& upper = state_->basis.upper;
  const std::int64_t given = static_cast<std::int64_t>(references.size()) / lower.count;
  if (mel.size() != std::size_t{kSpeechWindowFrames} * kSpeechBands)
    throw Error(ErrorCode::kInternal,
                "mel window of " + std::to_string(mel.size()) + " values: must be 76 x 80");
  const std::int64_t width = state_->model->config().encoded;
  if (encoded.size() != static_cast<std::size_t>(kSpeechWindowFrames * width))
    throw Error(ErrorCode::kInternal, "window of " + std::to_string(encoded.size()) +
                                          " encoded values: must be 76 x " + std::to_string(width));
  if (given < 1 || given > kSpeechReferences ||
      references.size() != static_cast<std::size_t>(given * lower.count))
    throw Error(ErrorCode::kInternal, "references of " + std::to_string(references.size()) +
                                          " values: must be 1..4 x " + std::to_string(lower.count));
  const c10::InferenceMode inference;
  use(state_->compute);
  const auto count = static_cast<std::size_t>(lower.count);
  std::vector<float> scaled(kSpeechReferences * count, 0.0F);
  for (std::size_t i = 0; i < references.size(); ++i)
    scaled[i] = references[i] / lower.deviation[i % count];
  std::vector<float> present(kSpeechReferences, 0.0F);
  std::fill_n(present.begin(), given, 1.0F);

  const auto view = [&](const float* values, std::vector<std::int64_t> shape) {
    return torch::from_blob(const_cast<float*>(values), shape, torch::kFloat).to(state_->device);
  };
  const float position = std::max<float>(
      kSpeechBefore, kSpeechWindowFrames - 1 - last_offset_s * 16000 / kSpeechMelHop);
  SpeechBatch batch;
  batch.mel = view(mel.data(), {1, kSpeechWindowFrames, kSpeechBands});
  if (width > 0) batch.encoded = view(encoded.data(), {1, kSpeechWindowFrames, width});
  batch.positions = view(&position, {1, 1});
  batch.references = view(scaled.data(), {1, kSpeechReferences, lower.count});
  batch.present = view(present.data(), {1, kSpeechReferences});
  const SpeechOutput out = state_->model->forward(batch);
  const auto read = [](const torch::Tensor& values, const BasisPart& part) {
    const torch::Tensor flat = values.to(torch::kCPU).contiguous();
    std::vector<float> result(flat.data_ptr<float>(), flat.data_ptr<float>() + part.count);
    for (std::size_t k = 0; k < result.size(); ++k) result[k] *= part.deviation[k];
    return result;
  };
  SpeechCoefficients coefficients;
  coefficients.lower = read(out.lower, lower);
  coefficients.upper = read(out.upper, upper);
  coefficients.closed = torch::sigmoid(out.closed).item<float>();
  return coefficients;
}

}  // namespace visema
