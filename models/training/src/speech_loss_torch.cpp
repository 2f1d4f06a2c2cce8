#include "speech_loss_torch.h"

#include <algorithm>
#include <cmath>

#include "visema/core/face_points.h"
#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

constexpr double kUnit = 0.02;        // canonical units; errors beyond it count linearly
constexpr double kClosedGap = 0.012;  // wider than at rest by less than this: the lips touch
constexpr std::int64_t kSpreadCoefficients = 8;

constexpr std::int64_t kCorrelatedCoefficients = 4;
constexpr double kStill = 0.25;  // deviations: a piece whose coefficient moves less says nothing

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

torch::Tensor mean_where(const torch::Tensor& values, const torch::Tensor& valid) {
  return (values * valid).sum() / valid.sum().clamp_min(1);
}

/// Deviation over all valid moments; x [B, T, K], valid [B, T, 1] -> [K].
torch::Tensor spread(const torch::Tensor& x, const torch::Tensor& valid) {
  const torch::Tensor count = valid.sum().clamp_min(1);
  const torch::Tensor mean = (x * valid).sum(torch::IntArrayRef({0, 1})) / count;
  return (((x - mean).square() * valid).sum(torch::IntArrayRef({0, 1})) / count + 1e-10).sqrt();
}

torch::Tensor spread_error(const torch::Tensor& predicted, const torch::Tensor& real,
                           const torch::Tensor& valid) {
  const torch::Tensor ratio = spread(predicted, valid) / spread(real, valid).clamp_min(1e-4);
  return (ratio - 1).square().mean();
}

/// 1 - correlation over the moments of each piece, mean over the pieces and coefficients that move;
/// [B, T, K] in deviations.
torch::Tensor correlation_error(const torch::Tensor& predicted, const torch::Tensor& real,
                                const torch::Tensor& valid) {
  const torch::Tensor count = valid.sum(1, true).clamp_min(1);
  const auto centred = [&](const torch::Tensor& x) {
    return (x - (x * valid).sum(1, true) / count) * valid;
  };
  const torch::Tensor p = centred(predicted);
  const torch::Tensor r = centred(real);
  const torch::Tensor real_energy = r.square().sum(1);
  const torch::Tensor correlation =
      (p * r).sum(1) / ((p.square().sum(1) + 1e-3) * (real_energy + 1e-3)).sqrt();
  const torch::Tensor moves = (real_energy / count.squeeze(1) > kStill * kStill).to(torch::kFloat);
  return mean_where(1 - correlation, moves);
}

}  // namespace

SpeechTensors to_tensors(const SpeechSamples& s, const SpeechBasis& basis, torch::Device device) {
  const std::int64_t n = s.count;
  const std::int64_t lower = basis.lower.count;
  SpeechTensors t;
  t.input.mel = on_device(s.mel, {n, s.mel_frames, kSpeechBands}, device);
  if (!s.encoded.empty())
    t.input.encoded = on_device(s.encoded, {n, s.mel_frames, kEncodedWidth}, device);
  t.input.positions = on_device(s.positions, {n, s.moments}, device);
  t.input.references = on_device(s.references, {n, kSpeechReferences, lower}, device);
  t.input.present = on_device(s.present, {n, kSpeechReferences}, device);
  t.lower = on_device(s.lower, {n, s.moments, lower}, device);
  t.upper = on_device(s.upper, {n, s.moments, basis.upper.count}, device);
  t.valid = on_device(s.valid, {n, s.moments}, device);
  t.rest_gap = on_device(s.rest_gap, {n}, device);
  return t;
}

SpeechLoss::SpeechLoss(const SpeechBasis& basis, torch::Device device,
                       const SpeechLossWeights& weights)
    : weights_(weights) {
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
  for (float& w : weight) w = std::pow(w, static_cast<float>(weights.lips));
  const torch::Tensor all = on_device(weight, {kMeshPoints, 1}, device).expand({kMeshPoints, 3});
  point_weight_ = (all / all.sum()).reshape(-1);
}

torch::Tensor SpeechLoss::on_points(const torch::Tensor& coefficient_error,
                                    const torch::Tensor& valid) const {
  const torch::Tensor error = torch::matmul(coefficient_error, rows_) / kUnit;
  return mean_where(torch::matmul(huber(error), point_weight_), valid);
}

SpeechLoss::Value SpeechLoss::operator()(const SpeechOutput& output,
                                         const SpeechTensors& targets) const {
  const torch::Tensor& valid = targets.valid;
  const std::int64_t steps = valid.size(1) - 1;
  const auto change = [&](const torch::Tensor& x) {
    return x.narrow(1, 1, steps) - x.narrow(1, 0, steps);
  };
  const torch::Tensor lower = output.lower * lower_deviation_;
  const torch::Tensor error = lower - targets.lower;
  const torch::Tensor points = on_points(error, valid);
  const torch::Tensor velocity =
      on_points(change(error), valid.narrow(1, 1, steps) * valid.narrow(1, 0, steps));

  const torch::Tensor opening = torch::matmul(targets.lower, gap_row_);
  const torch::Tensor predicted = torch::matmul(lower, gap_row_);
  const torch::Tensor gap_size = (opening + targets.rest_gap.unsqueeze(1)).clamp_min(0) / kUnit;
  const torch::Tensor gap_weight = 1 + weights_.touching * torch::exp(-gap_size.square());
  const torch::Tensor gap = mean_where(gap_weight * huber((predicted - opening) / kUnit), valid);
  const torch::Tensor touching = (opening < kClosedGap).to(torch::kFloat);
  const torch::Tensor closed = mean_where(
      torch::binary_cross_entropy_with_logits(output.closed, touching, {}, {}, at::Reduction::None),
      valid);
  const torch::Tensor upper =
      mean_where(huber(output.upper - targets.upper / upper_deviation_).mean(2), valid);

  const torch::Tensor there = valid.unsqueeze(2);
  const std::int64_t first = std::min(kSpreadCoefficients, lower.size(2));
  const torch::Tensor spread =
      spread_error(predicted.unsqueeze(2), opening.unsqueeze(2), there) +
      0.5 * spread_error(lower.narrow(2, 0, first), targets.lower.narrow(2, 0, first), there);
  const std::int64_t some = std::min(kCorrelatedCoefficients, lower.size(2));
  const torch::Tensor correlation =
      0.5 *
      (correlation_error(predicted.unsqueeze(2) / kUnit, opening.unsqueeze(2) / kUnit, there) +
       correlation_error(output.lower.narrow(2, 0, some),
                         (targets.lower / lower_deviation_).narrow(2, 0, some), there));

  Value value;
  value.total = weights_.points * points + weights_.velocity * velocity + weights_.gap * gap +
                weights_.closed * closed + weights_.upper * upper + weights_.spread * spread +
                weights_.correlation * correlation;
  value.parts = {{"points", points},          {"velocity", velocity}, {"gap", gap},
                 {"closed", closed},          {"upper", upper},       {"spread", spread},
                 {"correlation", correlation}};
  return value;
}

}  // namespace visema::training
