#include "ip_lap_plain_landmarks_torch.h"

#include <cmath>

#include "visema/models/ip_lap_landmark_network.h"

namespace visema {
namespace {

constexpr std::int64_t kWidth = kIpLapFeatures;
constexpr std::int64_t kHeads = 4;
constexpr auto kTanh = IpLapEncoder::Last::kTanh;
// Rows of the table of modalities; its first is for padding.
constexpr std::int64_t kPose = 1, kSound = 2, kReference = 3;

}  // namespace

torch::Tensor IpLapPlainLandmarks::normed(const torch::Tensor& x, const std::string& name) const {
  return torch::layer_norm(x, {kWidth}, weights_.at(name + ".weight"), weights_.at(name + ".bias"),
                           kIpLapNormEpsilon);
}

torch::Tensor IpLapPlainLandmarks::drop(const torch::Tensor& x) const {
  return torch::dropout(x, kDropout, weights_.is_training());
}

torch::Tensor IpLapPlainLandmarks::hear(const torch::Tensor& mels) const {
  return normed(weights_.encode(mels.unsqueeze(1), "mel_encoder", ip_lap_mel_encoder(), kTanh),
                "Norm");
}

torch::Tensor IpLapPlainLandmarks::see_poses(const torch::Tensor& poses) const {
  return normed(weights_.encode(poses, "pose_encoder", ip_lap_pose_encoder(), kTanh), "Norm");
}

torch::Tensor IpLapPlainLandmarks::see_references(const torch::Tensor& points) const {
  return normed(weights_.encode(points, "ref_encoder", ip_lap_reference_encoder(), kTanh), "Norm");
}

torch::Tensor IpLapPlainLandmarks::attend(const torch::Tensor& tokens,
                                          const std::string& layer) const {
  const auto split = [](const torch::Tensor& x) {
    return x.view({x.size(0), x.size(1), kHeads, kWidth / kHeads}).transpose(1, 2);
  };
  const std::string name = layer + "self_attn.";
  const std::vector<torch::Tensor> qkv = torch::linear(tokens, weights_.at(name + "in_proj_weight"),
                                                       weights_.at(name + "in_proj_bias"))
                                             .chunk(3, 2);
  const double scale = 1 / std::sqrt(static_cast<double>(kWidth / kHeads));
  const torch::Tensor attention =
      torch::softmax(torch::matmul(split(qkv[0]) * scale, split(qkv[1]).transpose(2, 3)), -1);
  const torch::Tensor mixed =
      torch::matmul(drop(attention), split(qkv[2])).transpose(1, 2).reshape(tokens.sizes());
  return weights_.linear(mixed, name + "out_proj");
}

torch::Tensor IpLapPlainLandmarks::mix(torch::Tensor tokens, const std::string& layer) const {
  tokens = normed(tokens + drop(attend(tokens, layer)), layer + "norm1");
  const torch::Tensor hidden = drop(torch::relu(weights_.linear(tokens, layer + "linear1")));
  return normed(tokens + drop(weights_.linear(hidden, layer + "linear2")), layer + "norm2");
}

torch::Tensor IpLapPlainLandmarks::say(const torch::Tensor& references, const torch::Tensor& sound,
                                       const torch::Tensor& poses) const {
  const std::string fusion = "fusion_transformer.";
  const torch::Tensor& modality = weights_.at(fusion + "modality.weight");
  const auto placed = [&](const torch::Tensor& x, const char* table, std::int64_t row) {
    return x + weights_.at(fusion + table).narrow(1, 0, kIpLapWindow) + modality[row];
  };
  torch::Tensor tokens =
      torch::cat({references + modality[kReference], placed(sound, "position_a.pe", kSound),
                  placed(poses, "position_v.pe", kPose)},
                 1);
  for (int i = 0; i < kIpLapLayers; ++i)
    tokens = mix(tokens, fusion + "transformer_encoder.layers." + std::to_string(i) + '.');
  const std::int64_t first = references.size(1);
  const torch::Tensor lips =
      weights_.linear(tokens.narrow(1, first, kIpLapWindow), "mouse_keypoint_map");
  const torch::Tensor jaw =
      weights_.linear(tokens.narrow(1, first + kIpLapWindow, kIpLapWindow), "jaw_keypoint_map");
  return torch::cat({jaw, lips}, 2)
      .view({tokens.size(0), kIpLapWindow, kIpLapContentPoints, 2})
      .transpose(2, 3);
}

torch::Tensor IpLapPlainLandmarks::forward(const Input& input) const {
  const std::int64_t count = input.mels.size(0);
  const auto rows = [&](const torch::Tensor& x) { return x.view({count, -1, kWidth}); };
  const torch::Tensor points = torch::cat({input.reference_poses, input.reference_content}, 3);
  return say(rows(see_references(points.flatten(0, 1))), rows(hear(input.mels.flatten(0, 1))),
             rows(see_poses(input.poses.flatten(0, 1))));
}

}  // namespace visema
