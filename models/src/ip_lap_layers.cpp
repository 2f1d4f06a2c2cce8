#include "ip_lap_layers.h"

namespace visema {
namespace {

IpLapBlock step(int in, int out, int stride_y, int stride_x, int padding = 1) {
  return {in, out, 3, stride_y, stride_x, padding, false};
}
IpLapBlock same(int channels) {
  return {channels, channels, 3, 1, 1, 1, true};
}

using Tensors = std::vector<IpLapTensor>;

void add_layer(Tensors& all, const std::string& name, std::vector<std::int64_t> shape,
               bool bias = true) {
  const std::int64_t outs = shape[0];
  all.push_back({name + ".weight", std::move(shape)});
  if (bias) all.push_back({name + ".bias", {outs}});
}

void add_batch_norm(Tensors& all, const std::string& name, std::int64_t channels) {
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
    all.push_back({name + part, {channels}});
}

void add_encoder(Tensors& all, const std::string& name, const IpLapEncoderLayout& layout) {
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const IpLapBlock& block = layout.blocks[i];
    const std::string prefix = name + '.' + std::to_string(i) + ".conv_block.";
    std::vector<std::int64_t> shape = {block.out, block.in};
    shape.insert(shape.end(), static_cast<std::size_t>(layout.sides), block.kernel);
    add_layer(all, prefix + '0', shape);
    add_batch_norm(all, prefix + '1', block.out);
  }
}

void add_transformer(Tensors& all) {
  constexpr std::int64_t kWidth = kIpLapFeatures;
  const std::string fusion = "fusion_transformer.";
  all.push_back({fusion + "position_v.pe", {1, kIpLapPositions, kWidth}});
  all.push_back({fusion + "position_a.pe", {1, kIpLapPositions, kWidth}});
  all.push_back({fusion + "modality.weight", {4, kWidth}});
  for (int i = 0; i < kIpLapLayers; ++i) {
    const std::string layer = fusion + "transformer_encoder.layers." + std::to_string(i) + '.';
    all.push_back({layer + "self_attn.in_proj_weight", {3 * kWidth, kWidth}});
    all.push_back({layer + "self_attn.in_proj_bias", {3 * kWidth}});
    add_layer(all, layer + "self_attn.out_proj", {kWidth, kWidth});
    add_layer(all, layer + "linear1", {2 * kWidth, kWidth});
    add_layer(all, layer + "linear2", {kWidth, 2 * kWidth});
    for (const char* norm : {"norm1", "norm2"}) add_layer(all, layer + norm, {kWidth});
  }
}

void add_pair(Tensors& all, const std::string& name, std::int64_t channels) {
  for (const char* part : {".conv_1", ".conv_2"})
    add_layer(all, name + part, {channels, channels, 3, 3});
}

void add_spade(Tensors& all, const std::string& name, std::int64_t channels,
               std::int64_t modulation) {
  add_pair(all, name, channels);
  for (const char* layer : {".spade_layer_1.", ".spade_layer_2."}) {
    add_layer(all, name + layer + "conv1", {256, modulation, 3, 3});
    add_layer(all, name + layer + "gamma", {channels, 256, 3, 3});
    add_layer(all, name + layer + "beta", {channels, 256, 3, 3});
  }
}

void add_adain(Tensors& all, const std::string& name, std::int64_t channels) {
  add_pair(all, name, channels);
  for (const char* layer : {".adain_layer_1.", ".adain_layer_2."}) {
    add_layer(all, name + layer + "mlp_shared.0", {128, kIpLapFeatures});
    add_layer(all, name + layer + "mlp_gamma", {channels, 128});
    add_layer(all, name + layer + "mlp_beta", {channels, 128});
  }
}

/// What both halves of the renderer begin with.
void add_stem(Tensors& all, const std::string& name, std::int64_t planes, bool bias) {
  add_layer(all, name + "conv1", {32, planes, 7, 7}, bias);
  add_batch_norm(all, name + "conv1_bn", 32);
  add_layer(all, name + "conv2", {256, 32, 3, 3}, bias);
  add_batch_norm(all, name + "conv2_bn", 256);
}

Tensors landmark_tensors() {
  Tensors all;
  add_encoder(all, "mel_encoder", ip_lap_mel_encoder());
  add_encoder(all, "ref_encoder", ip_lap_reference_encoder());
  add_encoder(all, "pose_encoder", ip_lap_pose_encoder());
  add_transformer(all);
  add_layer(all, "mouse_keypoint_map", {80, kIpLapFeatures});
  add_layer(all, "jaw_keypoint_map", {34, kIpLapFeatures});
  add_layer(all, "Norm", {kIpLapFeatures});
  return all;
}

Tensors renderer_tensors() {
  Tensors all;
  const std::string flow = "flow_module.", paint = "translation.";
  add_stem(all, flow, 6, true);
  add_spade(all, flow + "spade_layer_1", 256, 15);
  add_spade(all, flow + "spade_layer_2", 256, 15);
  add_spade(all, flow + "spade_layer_4", 64, 15);
  add_layer(all, flow + "conv_4", {2, 64, 7, 7});
  add_layer(all, flow + "conv_5.0", {32, 64, 7, 7});
  add_layer(all, flow + "conv_5.2", {1, 32, 7, 7});
  add_encoder(all, paint + "audio_encoder", ip_lap_mel_encoder());
  add_stem(all, paint, 18, false);
  add_spade(all, paint + "spade_1", 256, 256);
  add_adain(all, paint + "adain_1", 256);
  add_spade(all, paint + "spade_2", 64, 32);
  add_adain(all, paint + "adain_2", 64);
  add_spade(all, paint + "spade_4", 64, 3);
  add_layer(all, paint + "conv_last", {3, 64, 7, 7}, false);
  return all;
}

}  // namespace

const IpLapEncoderLayout& ip_lap_mel_encoder() {
  static const IpLapEncoderLayout kLayout = {2,
                                             {step(1, 32, 1, 1),
                                              same(32),
                                              same(32),
                                              step(32, 64, 3, 1),
                                              same(64),
                                              same(64),
                                              step(64, 128, 3, 3),
                                              same(128),
                                              same(128),
                                              step(128, 256, 3, 2),
                                              same(256),
                                              step(256, 512, 1, 1, 0),
                                              {512, 512, 1, 1, 1, 0, false}}};
  return kLayout;
}

const IpLapEncoderLayout& ip_lap_reference_encoder() {
  static const IpLapEncoderLayout kLayout = {1,
                                             {step(2, 4, 1, 1),
                                              step(4, 8, 1, 2),
                                              same(8),
                                              same(8),
                                              step(8, 16, 1, 2),
                                              same(16),
                                              same(16),
                                              step(16, 32, 1, 2),
                                              same(32),
                                              same(32),
                                              step(32, 64, 1, 2),
                                              same(64),
                                              same(64),
                                              step(64, 128, 1, 2),
                                              same(128),
                                              same(128),
                                              step(128, 256, 1, 2),
                                              same(256),
                                              step(256, 512, 1, 1, 0),
                                              {512, 512, 1, 1, 1, 0, false}}};
  return kLayout;
}

const IpLapEncoderLayout& ip_lap_pose_encoder() {
  static const IpLapEncoderLayout kLayout = {
      1, {step(2, 4, 1, 1), step(4, 8, 1, 1),        same(8),
          same(8),          step(8, 16, 1, 2),       same(16),
          same(16),         step(16, 32, 1, 2),      same(32),
          same(32),         step(32, 64, 1, 2),      same(64),
          same(64),         step(64, 128, 1, 2),     same(128),
          same(128),        step(128, 256, 1, 2),    same(256),
          same(256),        step(256, 512, 1, 1, 0), {512, 512, 1, 1, 1, 0, true}}};
  return kLayout;
}

const std::vector<IpLapTensor>& ip_lap_landmark_tensors() {
  static const Tensors kAll = landmark_tensors();
  return kAll;
}

const std::vector<IpLapTensor>& ip_lap_renderer_tensors() {
  static const Tensors kAll = renderer_tensors();
  return kAll;
}

}  // namespace visema
