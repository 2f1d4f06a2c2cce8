#include <torch/torch.h>

#include "syncnet_layers.h"
#include "visema/core/error.h"
#include "visema/models/syncnet_network.h"
#include "weight_card_torch.h"

namespace visema {
namespace {

constexpr std::int64_t kBatch = 8;  // windows that are computed together
constexpr std::int64_t kPicture = std::int64_t{3} * kSyncnetSize * kSyncnetSize;

/// A layer with its batch normalisation folded in: y = relu(weight * x + bias).
struct Folded {
  torch::Tensor weight, bias;
};

/// Reads `name`.`module` and the batch normalisation that follows it.
Folded fold(const TensorFile& file, const std::string& name, int module,
            const std::vector<std::int64_t>& shape) {
  const std::string layer = name + '.' + std::to_string(module);
  const std::string norm = name + '.' + std::to_string(module + 1);
  const std::vector<std::int64_t> channels = {shape[0]};
  const auto read = [&](const std::string& part) { return read_tensor(file, part, channels); };
  const torch::Tensor weight = read_tensor(file, layer + ".weight", shape).to(torch::kDouble);
  const torch::Tensor gain =
      read(norm + ".weight").to(torch::kDouble) /
      (read(norm + ".running_var").to(torch::kDouble) + kSyncnetNormEpsilon).sqrt();
  std::vector<std::int64_t> spread(shape.size(), 1);
  spread[0] = shape[0];
  const torch::Tensor bias =
      (read(layer + ".bias") - read(norm + ".running_mean")) * gain + read(norm + ".bias");
  return {(weight * gain.view(spread)).to(torch::kFloat), bias.to(torch::kFloat)};
}

class Tower {
 public:
  /// cnn: name of the convolutions, fc: of what follows them.
  Tower(const TensorFile& file, const SyncnetTower& tower, const std::string& cnn,
        const std::string& fc, torch::Device device)
      : tower_(tower) {
    for (int i = 0; i < kSyncnetLayers; ++i) {
      const SyncnetConvolution& layer = tower[i];
      std::vector<std::int64_t> shape = {layer.out, layer.in};
      if (layer.frames > 0) shape.push_back(layer.frames);
      shape.insert(shape.end(), {layer.height, layer.width});
      Folded& folded = layers_[i] = fold(file, cnn, layer.module, shape);
      // Only the first kernel sees several pictures; they become channels.
      folded.weight = folded.weight.reshape({layer.out, -1, layer.height, layer.width}).to(device);
      folded.bias = folded.bias.to(device);
    }
    hidden_ = fold(file, fc, 0, {kSyncnetFeatures, kSyncnetFeatures});
    hidden_.weight = hidden_.weight.to(device);
    hidden_.bias = hidden_.bias.to(device);
    last_.weight =
        read_tensor(file, fc + ".3.weight", {kSyncnetEmbedding, kSyncnetFeatures}).to(device);
    last_.bias = read_tensor(file, fc + ".3.bias", {kSyncnetEmbedding}).to(device);
  }

  /// [B, C, H, W] -> [B, 1024]
  torch::Tensor forward(torch::Tensor x) const {
    for (int i = 0; i < kSyncnetLayers; ++i) {
      const SyncnetConvolution& layer = tower_[i];
      x = torch::relu(
          torch::conv2d(x, layers_[i].weight, layers_[i].bias, layer.stride, layer.padding));
      const SyncnetPool& pool = layer.pool;
      if (pool.size > 0)
        x = torch::max_pool2d(x, pool.size, {pool.stride_y, pool.stride_x}, pool.padding);
    }
    x = torch::relu(torch::linear(x.flatten(1), hidden_.weight, hidden_.bias));
    return torch::linear(x, last_.weight, last_.bias);
  }

 private:
  const SyncnetTower& tower_;
  Folded layers_[kSyncnetLayers];
  Folded hidden_, last_;
};

}  // namespace

struct SyncNet::State {
  State(const TensorFile& file, const Compute& how)
      : compute(how),
        device(how.device == Device::kCuda ? torch::kCUDA : torch::kCPU),
        card(read_weight_card(file, kSyncnetName, kSyncnetVersion)),
        speech(file, kSyncnetSpeechTower, "netcnnaud", "netfcaud", device),
        mouth(file, kSyncnetMouthTower, "netcnnlip", "netfclip", device) {}

  Compute compute;
  torch::Device device;
  WeightCard card;
  Tower speech;
  Tower mouth;

  /// Runs a tower over `count` windows in pieces. input(first, end) gives [end - first, C, H, W].
  template <typename Input>
  std::vector<float> run(const Tower& tower, std::int64_t count, const Input& input) const {
    std::vector<float> embeddings(static_cast<std::size_t>(count) * kSyncnetEmbedding);
    for (std::int64_t first = 0; first < count; first += kBatch) {
      const std::int64_t end = std::min(count, first + kBatch);
      const torch::Tensor out = tower.forward(input(first, end)).to(torch::kCPU).contiguous();
      std::copy_n(out.data_ptr<float>(), out.numel(),
                  embeddings.data() + first * kSyncnetEmbedding);
    }
    return embeddings;
  }
};

SyncNet::SyncNet(const std::filesystem::path& path, const Compute& compute)
    : state_(std::make_unique<State>(TensorFile::open(path), compute)) {}
SyncNet::~SyncNet() = default;
SyncNet::SyncNet(SyncNet&&) noexcept = default;
SyncNet& SyncNet::operator=(SyncNet&&) noexcept = default;

const WeightCard& SyncNet::card() const {
  return state_->card;
}

std::vector<float> SyncNet::embed_mouth(std::span<const std::uint8_t> rgb) const {
  const auto size = static_cast<std::int64_t>(rgb.size());
  const std::int64_t pictures = size / kPicture;
  if (size != pictures * kPicture)
    throw Error(ErrorCode::kInternal,
                "pictures of " + std::to_string(size) + " bytes: must be frames x 224 x 224 x 3");
  if (pictures < kSyncnetFrames) return {};
  const c10::InferenceMode inference;
  use(state_->compute);
  // [T, 224, 224, RGB] -> windows [B, BGR, 5, 224, 224] of 0..255
  const torch::Tensor all =
      torch::from_blob(const_cast<std::uint8_t*>(rgb.data()),
                       {pictures, kSyncnetSize, kSyncnetSize, 3}, torch::kByte);
  return state_->run(state_->mouth, pictures - kSyncnetFrames + 1,
                     [&](std::int64_t first, std::int64_t end) {
                       const torch::Tensor part = all.slice(0, first, end + kSyncnetFrames - 1)
                                                      .to(state_->device)
                                                      .flip(3)
                                                      .permute({3, 0, 1, 2})
                                                      .to(torch::kFloat);
                       return part
                           .unfold(1, kSyncnetFrames, 1)  // [3, B, 224, 224, 5]
                           .permute({1, 0, 4, 2, 3})
                           .reshape({end - first, 3 * kSyncnetFrames, kSyncnetSize, kSyncnetSize});
                     });
}

std::vector<float> SyncNet::embed_speech(std::span<const float> mfcc) const {
  const auto frames = static_cast<std::int64_t>(mfcc.size()) / kSyncnetMfccs;
  if (mfcc.size() != static_cast<std::size_t>(frames) * kSyncnetMfccs)
    throw Error(ErrorCode::kInternal,
                std::to_string(mfcc.size()) + " cepstral coefficients: must be frames x 13");
  if (frames < kSyncnetMfccFrames) return {};
  const c10::InferenceMode inference;
  use(state_->compute);
  const torch::Tensor windows =
      torch::from_blob(const_cast<float*>(mfcc.data()), {frames, kSyncnetMfccs}, torch::kFloat)
          .unfold(0, kSyncnetMfccFrames, kSyncnetMfccStep);  // [N, 13, 20]
  return state_->run(state_->speech, windows.size(0), [&](std::int64_t first, std::int64_t end) {
    return windows.slice(0, first, end).unsqueeze(1).contiguous().to(state_->device);
  });
}

}  // namespace visema
