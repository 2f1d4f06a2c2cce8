#include "speech_align_torch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "speech_loss_torch.h"
#include "speech_sampler.h"
#include "statistics.h"

namespace visema::training {
namespace {

constexpr int kMostLag = 8;  // in steps
constexpr double kStepSeconds = 0.02;
constexpr int kLags = 2 * kMostLag + 1;
constexpr std::int64_t kBatch = 256;
constexpr double kOwnSeconds = 1.8;   // a shorter clip does not say its own shift
constexpr double kPersonSeconds = 4;  // nor a person with less
constexpr double kClear = 0.45;       // least correlation at the best shift
constexpr double kBetter = 0.03;      // least gain over the shift of 0

/// Correlation of openness for each lag of the real mouth behind the network's.
struct LagCurve {
  std::array<double, kLags> correlation{};
  double seconds = 0;  // weight

  void add(const LagCurve& other) {
    for (int i = 0; i < kLags; ++i) correlation[i] += other.seconds * other.correlation[i];
    seconds += other.seconds;
  }
  LagCurve mean() const {
    LagCurve m = *this;
    for (double& c : m.correlation) c /= std::max(seconds, 1e-9);
    return m;
  }
  /// Seconds by which the real mouth is late, where that is clear.
  std::optional<double> lag() const {
    const auto best = std::max_element(correlation.begin(), correlation.end());
    const auto at = std::distance(correlation.begin(), best);
    if (*best < kClear || at == 0 || at == kLags - 1) return std::nullopt;
    if (*best < correlation[kMostLag] + kBetter) return 0;
    return kStepSeconds * static_cast<double>(at - kMostLag);
  }
};

std::vector<double> predicted_openness(SpeechModel& model, const SpeechSampler& sampler,
                                       const SpeechClip& clip, const SpeechBasis& basis,
                                       const torch::Tensor& gap_row, torch::Device device) {
  std::vector<double> openness;
  for (std::int64_t first = 0; first < clip.frames(); first += kBatch) {
    const std::int64_t count = std::min(kBatch, clip.frames() - first);
    const SpeechTensors batch = to_tensors(
        sampler.frames(clip, first, count, SpeechSampler::References::kClip), basis, device);
    const torch::Tensor gap =
        torch::matmul(model.forward(batch.input).lower[0], gap_row).to(torch::kCPU).contiguous();
    openness.insert(openness.end(), gap.data_ptr<float>(), gap.data_ptr<float>() + count);
  }
  return openness;
}

/// Linear between valid frames; nothing where there are none.
std::optional<double> real_at(const SpeechClip& clip, double t) {
  const auto after = std::upper_bound(clip.time_s.begin(), clip.time_s.end(), t);
  const auto i = std::distance(clip.time_s.begin(), after) - 1;
  if (i < 0 || i + 1 >= clip.frames() || clip.valid[i] == 0 || clip.valid[i + 1] == 0)
    return std::nullopt;
  const double part = (t - clip.time_s[i]) / (clip.time_s[i + 1] - clip.time_s[i]);
  return clip.gap[i] + part * (clip.gap[i + 1] - clip.gap[i]);
}

LagCurve lag_curve(const SpeechClip& clip, const std::vector<double>& said) {
  LagCurve curve;
  curve.seconds = clip.time_s.back() - clip.time_s.front();
  std::vector<double> x, y;
  for (int lag = 0; lag < kLags; ++lag) {
    x.clear();
    y.clear();
    for (std::size_t i = 0; i < said.size(); ++i)
      if (const auto real = real_at(clip, clip.time_s[i] + kStepSeconds * (lag - kMostLag))) {
        x.push_back(said[i]);
        y.push_back(*real);
      }
    if (x.size() < 12) return {};
    curve.correlation[static_cast<std::size_t>(lag)] = correlation(x, y);
  }
  return curve;
}

}  // namespace

SpeechAlignment align(SpeechModel& model, SpeechSet& set, const SpeechBasis& basis,
                      torch::Device device) {
  const torch::NoGradGuard no_grad;
  model.eval();
  for (SpeechClip& clip : set.clips) clip.move(0);
  const SpeechSampler sampler(set, basis, 0, {});
  std::vector<float> row = lip_gap_row(basis.lower);
  for (std::size_t k = 0; k < row.size(); ++k) row[k] *= basis.lower.deviation[k];
  const torch::Tensor gap_row = torch::tensor(row).to(device);

  std::vector<LagCurve> curves;
  std::vector<LagCurve> persons(set.clips_of_person.size());
  LagCurve all;
  for (const SpeechClip& clip : set.clips) {
    curves.push_back(
        lag_curve(clip, predicted_openness(model, sampler, clip, basis, gap_row, device)));
    persons[static_cast<std::size_t>(clip.person)].add(curves.back());
    all.add(curves.back());
  }
  SpeechAlignment result;
  result.correlation = all.mean().correlation[kMostLag];
  for (std::size_t c = 0; c < set.clips.size(); ++c) {
    SpeechClip& clip = set.clips[c];
    const LagCurve& person = persons[static_cast<std::size_t>(clip.person)];
    std::optional<double> late;
    if (curves[c].seconds >= kOwnSeconds) late = curves[c].lag();
    if (!late && person.seconds >= kPersonSeconds) late = person.mean().lag();
    if (late.value_or(0) == 0) continue;
    clip.move(static_cast<float>(*late));
    ++result.moved;
    result.moved_seconds += std::abs(*late);
  }
  result.moved_seconds /= static_cast<double>(std::max<std::int64_t>(1, result.moved));
  model.train();
  return result;
}

}  // namespace visema::training
