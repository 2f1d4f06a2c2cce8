#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "exact_fp32_torch.h"
#include "ip_lap_flow_torch.h"
#include "ip_lap_painter_torch.h"
#include "visema/core/error.h"
#include "visema/models/ip_lap_renderer_network.h"
#include "weight_card_torch.h"

namespace visema {
namespace {

constexpr std::int64_t kSize = kIpLapSize;
constexpr std::int64_t kPicture = 3 * kSize * kSize;

[[noreturn]] void refuse(const std::string& what, std::size_t numbers, const std::string& allowed) {
  throw Error(ErrorCode::kInternal, std::string(kIpLapRendererName) + ": " + what + " of " +
                                        std::to_string(numbers) + " numbers: must be " + allowed);
}

void check(std::span<const float> values, std::int64_t size, const char* what) {
  if (static_cast<std::int64_t>(values.size()) != size)
    refuse(what, values.size(), std::to_string(size));
}

torch::Tensor view(std::span<const float> values, const std::vector<std::int64_t>& shape,
                   torch::Device device) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat).to(device);
}

void copy_out(const torch::Tensor& from, std::span<float> to) {
  const torch::Tensor flat = from.to(torch::kCPU, torch::kFloat).contiguous();
  std::copy_n(flat.data_ptr<float>(), to.size(), to.begin());
}

}  // namespace

struct IpLapReferences::State {
  IpLapFlow::Layers layers;
};

int IpLapReferences::count() const {
  return static_cast<int>(state_->layers.picture.size(0));
}

struct IpLapRendererNetwork::State {
  State(const TensorFile& file, const Compute& how)
      : compute(how),
        card(read_weight_card(file, kIpLapRendererName, kIpLapRendererVersion)),
        place(how),
        flow(file, place),
        painter(file, place) {
    keep_fp32_exact(how);
  }

  Compute compute;
  WeightCard card;
  IpLapPlace place;
  IpLapFlow flow;
  IpLapPainter painter;
};

IpLapRendererNetwork::IpLapRendererNetwork(const std::filesystem::path& weights,
                                           const Compute& compute)
    : state_(std::make_unique<State>(TensorFile::open(weights), compute)) {}
IpLapRendererNetwork::~IpLapRendererNetwork() = default;
IpLapRendererNetwork::IpLapRendererNetwork(IpLapRendererNetwork&&) noexcept = default;
IpLapRendererNetwork& IpLapRendererNetwork::operator=(IpLapRendererNetwork&&) noexcept = default;

const WeightCard& IpLapRendererNetwork::card() const {
  return state_->card;
}

IpLapReferences IpLapRendererNetwork::encode_references(std::span<const float> pictures,
                                                        std::span<const float> sketches) const {
  const std::int64_t count = static_cast<std::int64_t>(pictures.size()) / kPicture;
  if (count < 1 || count > kIpLapReferences ||
      static_cast<std::int64_t>(pictures.size()) != count * kPicture)
    refuse("references", pictures.size(), "1..25 x 3 x 128 x 128");
  check(sketches, count * kPicture, "references' sketches");
  const c10::InferenceMode inference;
  use(state_->compute);
  const std::vector<std::int64_t> shape = {count, 3, kSize, kSize};
  const torch::Device device = state_->place.device;
  auto layers = state_->flow.encode(view(pictures, shape, device), view(sketches, shape, device));
  return IpLapReferences(
      std::make_shared<const IpLapReferences::State>(IpLapReferences::State{std::move(layers)}));
}

void IpLapRendererNetwork::render(const IpLapReferences& references, const IpLapTarget& target,
                                  std::span<float> picture, std::span<float> warped) const {
  check(target.face, kPicture, "face");
  check(target.sketches, 5 * kPicture, "sketches");
  check(target.mel, 80 * 16, "mel");
  check(picture, kPicture, "picture");
  if (!warped.empty()) check(warped, kPicture, "warped");
  const c10::InferenceMode inference;
  use(state_->compute);
  const torch::Device device = state_->place.device;
  const torch::Tensor sketches = view(target.sketches, {1, 15, kSize, kSize}, device);
  torch::Tensor face = view(target.face, {1, 3, kSize, kSize}, device).clone();
  face.narrow(2, kSize / 2, kSize / 2).zero_();
  const IpLapFlow::Layers blend = state_->flow.blend(references.state_->layers, sketches);
  const torch::Tensor mel = view(target.mel, {1, 1, 80, 16}, device);
  copy_out(state_->painter.paint(face, sketches, mel, blend), picture);
  if (!warped.empty()) copy_out(blend.picture, warped);
}

}  // namespace visema
