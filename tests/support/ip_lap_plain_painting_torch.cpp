#include <torch/torch.h>

#include "ip_lap_flow_torch.h"
#include "ip_lap_painter_torch.h"
#include "ip_lap_plain_painting.h"
#include "ip_lap_plain_renderer_torch.h"
#include "visema/models/compute.h"

namespace visema::test {
namespace {

torch::Tensor view(std::vector<float>& values, const std::vector<std::int64_t>& shape) {
  return torch::from_blob(values.data(), shape, torch::kFloat);
}

std::vector<float> to_vector(const torch::Tensor& values) {
  const torch::Tensor flat = values.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

std::int64_t references_of(const PaintingInputs& in) {
  return static_cast<std::int64_t>(in.pictures.size()) / (3 * 128 * 128);
}

}  // namespace

PaintedPictures plain_painting(const std::filesystem::path& weights, PaintingInputs in) {
  const torch::NoGradGuard no_grad;
  IpLapWeights loaded(ip_lap_renderer_tensors());
  loaded.load(TensorFile::open(weights));
  loaded.eval();
  const std::vector<std::int64_t> pictures = {1, references_of(in), 3, 128, 128};
  const auto painted = IpLapPlainRenderer(loaded).paint(
      {view(in.face, {1, 3, 128, 128}), view(in.sketches, {1, 5, 3, 128, 128}),
       view(in.pictures, pictures), view(in.picture_sketches, pictures),
       view(in.mel, {1, 80, 16})});
  return {to_vector(painted.face), to_vector(painted.warped)};
}

PaintedPictures generic_painting(const std::filesystem::path& weights, PaintingInputs in) {
  const torch::NoGradGuard no_grad;
  const TensorFile file = TensorFile::open(weights);
  IpLapPlace place{Compute{}};
  place.own_kernels = false;
  const IpLapFlow flow(file, place);
  const IpLapPainter painter(file, place);
  const std::vector<std::int64_t> pictures = {references_of(in), 3, 128, 128};
  const auto references =
      flow.encode(view(in.pictures, pictures), view(in.picture_sketches, pictures));
  const torch::Tensor sketches = view(in.sketches, {1, 15, 128, 128});
  torch::Tensor face = view(in.face, {1, 3, 128, 128}).clone();
  face.narrow(2, 64, 64).zero_();
  const auto blend = flow.blend(references, sketches);
  return {to_vector(painter.paint(face, sketches, view(in.mel, {1, 1, 80, 16}), blend)),
          to_vector(blend.picture)};
}

}  // namespace visema::test
