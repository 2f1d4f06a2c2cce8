#include "speech_loss_torch.h"

#include "visema/core/face_points.h"
#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

constexpr double kUnit = 0.02;        // canonical units; errors beyond it count linearly
constexpr double kClosedGap = 0.012;  // wider than at rest by less than this: the lips touch
constexpr std::int64_t kSpreadCoefficients = 8;

constexpr double kVelocityWeight = 3;
constexpr double kGapWeight = 0.6;
constexpr double kClosedWeight = 0.05;
constexpr double kUpperWeight = 0.05;
constexpr double kSpreadWeight = 0.4;

torch::Tensor huber(const torch::Tensor& error) {
  const torch::Tensor size = error.abs();
  const torch::Tensor small = size.clamp_max(1);
  return small * (size - 0.5 * small);
}

torch::Tensor on_device(const std::vector<float>& values, std::vector<std::int64_t> shape,
                        torch::Device device) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat)
      .clone()
      .to(device);
}

torch::Tensor spread_error(const torch::Tensor& predicted, const torch::Tensor& real) {
  const torch::Tensor ratio = predicted.std(0) / real.std(0).clamp_min(1e-4);
  return (ratio - 1).square().mean();
}

}  // namespace

SpeechTensors to_tensors(const SpeechSamples& s, const SpeechBasis& basis, torch::Device device) {
  const std::int64_t n = s.count;
  const std::int64_t lower = basis.lower.count;
  SpeechTensors t;
  t.input.mel = on_device(s.mel, {n, kSpeechWindowFrames, kSpeechBands}, device);
  t.input.last_offset = on_device(s.last_offset, {n}, device);
  t.input.references = on_device(s.references, {n, kSpeechReferences, lower}, device);
  t.input.present = on_device(s.present, {n, kSpeechReferences}, device);
  t.lower = on_device(s.lower, {n, lower}, device);
  t.upper = on_device(s.upper, {n, basis.upper.count}, device);
  t.rest_gap = on_device(s.rest_gap, {n}, device);
  return t;
}

SpeechLoss::SpeechLoss(const SpeechBasis& basis, torch::Device device) {
  const std::int64_t numbers = kMeshPoints * 3;
  rows_ = on_device(basis.lower.rows, {basis.lower.count, numbers}, device);
  gap_row_ = on_device(lip_gap_row(basis.lower), {basis.lower.count}, device);
  lower_deviation_ = on_device(basis.lower.deviation, {basis.lower.count}, device);
  upper_deviation_ = on_device(basis.upper.deviation, {basis.upper.count}, device);
  std::vector<float> weight(kMeshPoints, 0.1F);
  const auto put = [&](const auto& points, float value) {
    for (const std::uint16_t point : points) weight[point] = value;
  };
  put(kJaw, 1);
  put(kOuterLipRing, 1.5F);
  put(kInnerLipRing, 1.5F);
  put(kOuterLips, 2);
  put(kInnerLips, 3);
  const torch::Tensor all = on_device(weight, {kMeshPoints, 1}, device).expand({kMeshPoints, 3});
  point_weight_ = (all / all.sum()).reshape(-1);
}

torch::Tensor SpeechLoss::on_points(const torch::Tensor& coefficient_error) const {
  const torch::Tensor error = torch::matmul(coefficient_error, rows_) / kUnit;
  return torch::matmul(huber(error), point_weight_).mean();
}

SpeechLoss::Value SpeechLoss::operator()(const SpeechOutput& output,
                                         const SpeechTensors& targets) const {
  const std::int64_t pairs = targets.lower.size(0) / 2;
  const auto change = [&](const torch::Tensor& x) {
    return x.narrow(0, pairs, pairs) - x.narrow(0, 0, pairs);
  };
  const torch::Tensor lower = output.lower * lower_deviation_;
  const torch::Tensor error = lower - targets.lower;
  const torch::Tensor points = on_points(error);
  const torch::Tensor velocity = on_points(change(error));

  const torch::Tensor opening = torch::matmul(targets.lower, gap_row_);
  const torch::Tensor predicted = torch::matmul(lower, gap_row_);
  const torch::Tensor gap_size = (opening + targets.rest_gap).clamp_min(0) / kUnit;
  const torch::Tensor gap_weight = 1 + 3 * torch::exp(-gap_size.square());
  const torch::Tensor gap = (gap_weight * huber((predicted - opening) / kUnit)).mean();
  const torch::Tensor touching = (opening < kClosedGap).to(torch::kFloat);
  const torch::Tensor closed = torch::binary_cross_entropy_with_logits(output.closed, touching);

  const torch::Tensor upper = huber(output.upper - targets.upper / upper_deviation_).mean();
  const std::int64_t first = std::min(kSpreadCoefficients, lower.size(1));
  const torch::Tensor spread =
      spread_error(predicted, opening) +
      0.5 * spread_error(lower.narrow(1, 0, first), targets.lower.narrow(1, 0, first));

  Value value;
  value.total = points + kVelocityWeight * velocity + kGapWeight * gap + kClosedWeight * closed +
                kUpperWeight * upper + kSpreadWeight * spread;
  value.parts = {{"points", points}, {"velocity", velocity}, {"gap", gap},
                 {"closed", closed}, {"upper", upper},       {"spread", spread}};
  return value;
}

}  // namespace visema::training
