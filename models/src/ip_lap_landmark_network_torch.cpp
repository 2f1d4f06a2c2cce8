#include <torch/torch.h>

#include <cmath>

#include "compute_device_torch.h"
#include "exact_fp32_torch.h"
#include "ip_lap_encoder_torch.h"
#include "ip_lap_layers.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_landmark_network.h"
#include "weight_card_torch.h"

namespace visema {
namespace {

constexpr std::int64_t kWidth = kIpLapFeatures;
constexpr std::int64_t kHeads = 4;
constexpr auto kTanh = IpLapEncoder::Last::kTanh;
constexpr int kLipPoints = 40;
constexpr int kJawPoints = 17;
// Rows of the table of modalities; its first is for padding.
constexpr std::int64_t kPose = 1, kSound = 2, kReference = 3;

struct Layer {
  torch::Tensor weight, bias;
  torch::Tensor operator()(const torch::Tensor& x) const { return torch::linear(x, weight, bias); }
};

class Reader {
 public:
  Reader(const TensorFile& file, torch::Device device) : file_(file), device_(device) {}

  torch::Tensor tensor(const std::string& name, const std::vector<std::int64_t>& shape) const {
    return read_tensor(file_, name, shape).to(device_);
  }
  Layer layer(const std::string& name, const std::vector<std::int64_t>& shape) const {
    return {tensor(name + ".weight", shape), tensor(name + ".bias", {shape[0]})};
  }

 private:
  const TensorFile& file_;
  torch::Device device_;
};

/// Of the transformer: attention and two linear layers, each added, then normalised.
class TransformerLayer {
 public:
  TransformerLayer(const Reader& read, const std::string& name)
      : in_{read.tensor(name + "self_attn.in_proj_weight", {3 * kWidth, kWidth}),
            read.tensor(name + "self_attn.in_proj_bias", {3 * kWidth})},
        out_(read.layer(name + "self_attn.out_proj", {kWidth, kWidth})),
        expand_(read.layer(name + "linear1", {2 * kWidth, kWidth})),
        contract_(read.layer(name + "linear2", {kWidth, 2 * kWidth})),
        first_norm_(read.layer(name + "norm1", {kWidth})),
        second_norm_(read.layer(name + "norm2", {kWidth})) {}

  /// [N, 512] -> [N, 512]
  torch::Tensor forward(const torch::Tensor& tokens) const {
    const auto split = [](const torch::Tensor& x) {
      return x.view({x.size(0), kHeads, kWidth / kHeads}).transpose(0, 1);
    };
    const std::vector<torch::Tensor> qkv = in_(tokens).chunk(3, 1);
    const double scale = 1 / std::sqrt(static_cast<double>(kWidth / kHeads));
    const torch::Tensor attention =
        torch::softmax(torch::matmul(split(qkv[0]) * scale, split(qkv[1]).transpose(1, 2)), -1);
    const torch::Tensor mixed =
        torch::matmul(attention, split(qkv[2])).transpose(0, 1).reshape(tokens.sizes());
    const torch::Tensor attended = normed(tokens + out_(mixed), first_norm_);
    return normed(attended + contract_(torch::relu(expand_(attended))), second_norm_);
  }

  static torch::Tensor normed(const torch::Tensor& x, const Layer& norm) {
    return torch::layer_norm(x, {kWidth}, norm.weight, norm.bias, kIpLapNormEpsilon);
  }

 private:
  Layer in_, out_, expand_, contract_, first_norm_, second_norm_;
};

torch::Tensor view(std::span<const float> values, const std::vector<std::int64_t>& shape,
                   const char* name, torch::Device device) {
  std::int64_t size = 1;
  for (const auto side : shape) size *= side;
  if (static_cast<std::int64_t>(values.size()) != size)
    throw Error(ErrorCode::kInternal, std::string(kIpLapLandmarksName) + ": " + name + " of " +
                                          std::to_string(values.size()) + " numbers: must be " +
                                          std::to_string(size));
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat).to(device);
}

}  // namespace

struct IpLapLandmarkNetwork::State {
  State(const TensorFile& file, const Compute& how)
      : compute(how),
        device(torch_device(how)),
        card(read_weight_card(file, kIpLapLandmarksName, kIpLapLandmarksVersion)),
        mels(file, "mel_encoder", ip_lap_mel_encoder(), kTanh, device),
        references(file, "ref_encoder", ip_lap_reference_encoder(), kTanh, device),
        poses(file, "pose_encoder", ip_lap_pose_encoder(), kTanh, device) {
    keep_fp32_exact(how);
    const Reader read(file, device);
    const std::string fusion = "fusion_transformer.";
    const auto positions = [&](const std::string& name) {
      return read.tensor(fusion + name, {1, kIpLapPositions, kWidth})
          .squeeze(0)
          .narrow(0, 0, kIpLapWindow);
    };
    const torch::Tensor modality = read.tensor(fusion + "modality.weight", {4, kWidth});
    added_to_references = modality[kReference];
    added_to_sound = positions("position_a.pe") + modality[kSound];
    added_to_poses = positions("position_v.pe") + modality[kPose];
    for (int i = 0; i < kIpLapLayers; ++i)
      layers.emplace_back(read, fusion + "transformer_encoder.layers." + std::to_string(i) + '.');
    lips = read.layer("mouse_keypoint_map", {2 * kLipPoints, kWidth});
    jaw = read.layer("jaw_keypoint_map", {2 * kJawPoints, kWidth});
    norm = read.layer("Norm", {kWidth});
  }

  Compute compute;
  torch::Device device;
  WeightCard card;
  IpLapEncoder mels, references, poses;
  torch::Tensor added_to_references, added_to_sound, added_to_poses;
  std::vector<TransformerLayer> layers;
  Layer lips, jaw, norm;
};

IpLapLandmarkNetwork::IpLapLandmarkNetwork(const std::filesystem::path& weights,
                                           const Compute& compute)
    : state_(std::make_unique<State>(TensorFile::open(weights), compute)) {}
IpLapLandmarkNetwork::~IpLapLandmarkNetwork() = default;
IpLapLandmarkNetwork::IpLapLandmarkNetwork(IpLapLandmarkNetwork&&) noexcept = default;
IpLapLandmarkNetwork& IpLapLandmarkNetwork::operator=(IpLapLandmarkNetwork&&) noexcept = default;

const WeightCard& IpLapLandmarkNetwork::card() const {
  return state_->card;
}

std::vector<float> IpLapLandmarkNetwork::predict(const IpLapSpeech& speech) const {
  const State& s = *state_;
  const c10::InferenceMode inference;
  use(s.compute);
  const torch::Tensor mels =
      view(speech.mels, {kIpLapWindow, 1, kIpLapMelBands, kIpLapMelFrames}, "mels", s.device);
  const torch::Tensor poses =
      view(speech.poses, {kIpLapWindow, 2, kIpLapPosePoints}, "poses", s.device);
  const torch::Tensor references =
      torch::cat({view(speech.reference_poses, {kIpLapReferenceLandmarks, 2, kIpLapPosePoints},
                       "reference_poses", s.device),
                  view(speech.reference_content, {kIpLapReferenceLandmarks, 2, kIpLapContentPoints},
                       "reference_content", s.device)},
                 2);
  const auto normed = [&](const torch::Tensor& x) { return TransformerLayer::normed(x, s.norm); };
  torch::Tensor tokens =
      torch::cat({normed(s.references.forward(references)) + s.added_to_references,
                  normed(s.mels.forward(mels)) + s.added_to_sound,
                  normed(s.poses.forward(poses)) + s.added_to_poses});
  for (const TransformerLayer& layer : s.layers) tokens = layer.forward(tokens);
  const torch::Tensor sound = tokens.narrow(0, kIpLapReferenceLandmarks, kIpLapWindow);
  const torch::Tensor pose =
      tokens.narrow(0, kIpLapReferenceLandmarks + kIpLapWindow, kIpLapWindow);
  const torch::Tensor content = torch::cat({s.jaw(pose), s.lips(sound)}, 1)
                                    .view({kIpLapWindow, kIpLapContentPoints, 2})
                                    .transpose(1, 2)
                                    .to(torch::kCPU)
                                    .contiguous();
  const float* first = content.data_ptr<float>();
  return {first, first + content.numel()};
}

}  // namespace visema
