#include "ip_lap_painter_torch.h"

namespace visema {
namespace {

constexpr std::int64_t kVoiceHidden = 128;
const std::string kPrefix = "translation.";

}  // namespace

torch::Tensor IpLapPainter::Voice::forward(const torch::Tensor& sound) const {
  const torch::Tensor hidden = torch::relu(torch::linear(sound, shared.weight, shared.bias));
  return torch::linear(hidden, maps.weight, maps.bias).unsqueeze(2).unsqueeze(3);
}

IpLapPainter::IpLapPainter(const TensorFile& file, const IpLapPlace& place)
    : place_(place),
      ear_(file, kPrefix + "audio_encoder", ip_lap_mel_encoder(), IpLapEncoder::Last::kRelu,
           place.device),
      stem_(file, kPrefix, 18, place),
      last_(read_ip_lap_layer(file, kPrefix + "conv_last", {3, 64, 7, 7}), place) {
  add_spade(file, "spade_1", 256, 256);
  add_adain(file, "adain_1", 256);
  add_spade(file, "spade_2", 64, 32);
  add_adain(file, "adain_2", 64);
  add_spade(file, "spade_4", 64, 3);
}

void IpLapPainter::add_spade(const TensorFile& file, const std::string& name, std::int64_t channels,
                             std::int64_t planes) {
  for (const char* layer : {".spade_layer_1", ".spade_layer_2"})
    modulators_.emplace_back(file, kPrefix + name + layer, channels, planes, place_);
  spades_.emplace_back(file, kPrefix + name, channels, place_);
}

void IpLapPainter::add_adain(const TensorFile& file, const std::string& name,
                             std::int64_t channels) {
  for (const char* number : {"1", "2"}) {
    const std::string layer = kPrefix + name + ".adain_layer_" + number;
    Voice voice{read_ip_lap_layer(file, layer + ".mlp_shared.0", {kVoiceHidden, kIpLapFeatures}),
                {}};
    const auto gamma = read_ip_lap_layer(file, layer + ".mlp_gamma", {channels, kVoiceHidden});
    const auto beta = read_ip_lap_layer(file, layer + ".mlp_beta", {channels, kVoiceHidden});
    voice.maps = {torch::cat({gamma.weight, beta.weight}), torch::cat({gamma.bias + 1, beta.bias})};
    voice.shared.to(place_.device, torch::kFloat);
    voice.maps.to(place_.device, torch::kFloat);
    voices_.push_back(voice);
  }
  adains_.emplace_back(file, kPrefix + name, channels, place_);
}

torch::Tensor IpLapPainter::spade(int which, const torch::Tensor& x,
                                  const torch::Tensor& planes) const {
  const torch::Tensor by = planes.to(place_.type);
  return spades_[which].forward(x, modulators_[2 * which].forward(by),
                                modulators_[2 * which + 1].forward(by));
}

torch::Tensor IpLapPainter::adain(int which, const torch::Tensor& x,
                                  const torch::Tensor& sound) const {
  return adains_[which].forward(x, voices_[2 * which].forward(sound),
                                voices_[2 * which + 1].forward(sound));
}

torch::Tensor IpLapPainter::paint(const torch::Tensor& face, const torch::Tensor& sketches,
                                  const torch::Tensor& mel, const IpLapFlow::Layers& blend) const {
  const torch::Tensor sound = ear_.forward(mel);
  torch::Tensor x = stem_.forward(torch::cat({face, sketches}, 1).to(place_.type)).coarse;
  x = adain(0, spade(0, x, blend.coarse), sound);
  x = torch::pixel_shuffle(x, 2);
  x = adain(1, spade(1, x, blend.fine), sound);
  x = torch::leaky_relu(spade(2, x, blend.picture), kIpLapLastSlope);
  return torch::sigmoid(last_.forward(x).to(torch::kFloat));
}

}  // namespace visema
