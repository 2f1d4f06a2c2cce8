#include "speech_validation_torch.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "speech_loss_torch.h"
#include "statistics.h"

namespace visema::training {
namespace {

constexpr double kShortestSeconds = 1;
constexpr double kStillMouth = 0.004;  // spread of openness below which correlation means nothing
constexpr double kClosedGap = 0.012;
constexpr std::int64_t kBatch = 256;

struct Sums {
  double correlation = 0, spread = 0, real_spread = 0, change = 0, real_change = 0;
  double distance = 0, rest_distance = 0, touching = 0, apart = 0;
  std::int64_t clips = 0, touching_frames = 0, apart_frames = 0;

  void add(const Sums& other) {
    correlation += other.correlation;
    spread += other.spread;
    real_spread += other.real_spread;
    change += other.change;
    real_change += other.real_change;
    distance += other.distance;
    rest_distance += other.rest_distance;
    touching += other.touching;
    apart += other.apart;
    clips += other.clips;
    touching_frames += other.touching_frames;
    apart_frames += other.apart_frames;
  }

  SpeechQuality quality() const {
    const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0; };
    SpeechQuality q;
    q.clips = clips;
    q.correlation = ratio(correlation, static_cast<double>(clips));
    q.gain = ratio(spread, real_spread);
    q.movement = ratio(change, real_change);
    q.lip_distance = ratio(distance, rest_distance);
    q.closure = ratio(ratio(touching, static_cast<double>(touching_frames)),
                      ratio(apart, static_cast<double>(apart_frames)));
    return q;
  }
};

double root_mean_square(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return x.empty() ? 0 : std::sqrt(sum / static_cast<double>(x.size()));
}

class ClipMeasure {
 public:
  ClipMeasure(const SpeechBasis& basis, torch::Device device)
      : basis_(basis), device_(device), gap_row_(lip_gap_row(basis.lower)) {
    for (std::int64_t k = 0; k < basis.lower.count; ++k) {
      lip_rows_.resize(lip_rows_.size() + kMeasuredPoints * 3);
      copy_measured_points(&basis.lower.rows[k * kMeshPoints * 3],
                           &lip_rows_[k * kMeasuredPoints * 3]);
    }
  }

  Sums measure(SpeechModel& model, const SpeechSampler& sampler, const SpeechClip& clip,
               SpeechSampler::References references) const {
    std::vector<float> lower;
    for (std::int64_t first = 0; first < clip.frames(); first += kBatch) {
      const std::int64_t count = std::min(kBatch, clip.frames() - first);
      const SpeechTensors batch =
          to_tensors(sampler.frames(clip, first, count, references), basis_, device_);
      const torch::Tensor out = model.forward(batch.input).lower.to(torch::kCPU).contiguous();
      lower.insert(lower.end(), out.data_ptr<float>(), out.data_ptr<float>() + out.numel());
    }
    for (std::size_t i = 0; i < lower.size(); ++i)
      lower[i] *= basis_.lower.deviation[i % basis_.lower.count];
    return compare(clip, lower);
  }

 private:
  Sums compare(const SpeechClip& clip, const std::vector<float>& lower) const {
    Sums sums;
    std::vector<double> said, real, said_change, real_change;
    for (std::int64_t i = 0; i < clip.frames(); ++i) {
      if (clip.valid[i] == 0) continue;
      const float* c = &lower[i * basis_.lower.count];
      double opening = 0;
      for (std::size_t k = 0; k < gap_row_.size(); ++k) opening += gap_row_[k] * c[k];
      const double real_opening = clip.gap[i] - clip.rest_gap;
      if (i > 0 && clip.valid[i - 1] != 0) {
        said_change.push_back(opening - said.back());
        real_change.push_back(real_opening - real.back());
      }
      said.push_back(opening);
      real.push_back(real_opening);
      const bool touching = real_opening < kClosedGap;
      (touching ? sums.touching : sums.apart) += std::max(0.0, opening);
      ++(touching ? sums.touching_frames : sums.apart_frames);
      add_distance(c, &clip.lips[i * kMeasuredPoints * 3], sums);
    }
    if (said.size() < 3) return {};
    sums.spread = std::sqrt(covariance(said, said));
    sums.real_spread = std::sqrt(covariance(real, real));
    if (sums.real_spread < kStillMouth) return {};
    sums.change = root_mean_square(said_change);
    sums.real_change = root_mean_square(real_change);
    sums.correlation = correlation(said, real);
    sums.clips = 1;
    return sums;
  }

  void add_distance(const float* coefficients, const float* real, Sums& sums) const {
    for (int p = 0; p < kMeasuredPoints; ++p) {
      double error = 0;
      double size = 0;
      for (int axis = 0; axis < 2; ++axis) {
        double said = 0;
        for (std::size_t k = 0; k < gap_row_.size(); ++k)
          said += coefficients[k] * lip_rows_[(k * kMeasuredPoints + p) * 3 + axis];
        const double truth = real[p * 3 + axis];
        error += (said - truth) * (said - truth);
        size += truth * truth;
      }
      sums.distance += std::sqrt(error);
      sums.rest_distance += std::sqrt(size);
    }
  }

  const SpeechBasis& basis_;
  torch::Device device_;
  std::vector<float> gap_row_;
  std::vector<float> lip_rows_;  // [lower, 40, 3]
};

/// Clips of at least a second, thinned so that they have about `most_frames` frames together.
std::vector<const SpeechClip*> choose(const SpeechSet& set, std::int64_t most_frames) {
  std::vector<const SpeechClip*> all;
  std::int64_t frames = 0;
  for (const SpeechClip& clip : set.clips) {
    if (clip.time_s.back() - clip.time_s.front() < kShortestSeconds) continue;
    all.push_back(&clip);
    frames += clip.frames();
  }
  const double keep =
      std::min(1.0, static_cast<double>(most_frames) / static_cast<double>(frames + 1));
  std::vector<const SpeechClip*> chosen;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (std::floor((i + 1) * keep) > std::floor(i * keep)) chosen.push_back(all[i]);
  return chosen;
}

}  // namespace

double SpeechQuality::score() const {
  return correlation - 0.3 * std::abs(1 - gain) - 0.5 * lip_distance;
}

SpeechReport validate(SpeechModel& model, const SpeechSet& set, const SpeechBasis& basis,
                      std::int64_t most_frames, torch::Device device) {
  const torch::NoGradGuard no_grad;
  model.eval();
  const SpeechSampler sampler(set, basis, 0);
  const ClipMeasure measure(basis, device);
  Sums portrait, referenced;
  std::map<std::string, Sums> by_source;
  for (const SpeechClip* clip : choose(set, most_frames)) {
    portrait.add(measure.measure(model, sampler, *clip, SpeechSampler::References::kRestOnly));
    const Sums sums = measure.measure(model, sampler, *clip, SpeechSampler::References::kClip);
    referenced.add(sums);
    by_source[clip->source].add(sums);
  }
  model.train();
  SpeechReport report{portrait.quality(), referenced.quality(), {}};
  for (const auto& [source, sums] : by_source) report.by_source[source] = sums.quality();
  return report;
}

}  // namespace visema::training
