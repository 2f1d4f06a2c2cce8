#include "speech_validation_torch.h"

#include <algorithm>
#include <array>
#include <vector>

#include "speech_loss_torch.h"

namespace visema::training {
namespace {

constexpr std::int64_t kBatch = 256;

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

  MouthSums measure(SpeechModel& model, const SpeechSampler& sampler, const SpeechClip& clip,
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
  MouthSums compare(const SpeechClip& clip, const std::vector<float>& lower) const {
    MouthMeasure measure;
    std::array<float, std::size_t{kMeasuredPoints} * 2> said, real;
    for (std::int64_t i = 0; i < clip.frames(); ++i) {
      if (clip.valid[i] == 0) continue;
      const float* c = &lower[i * basis_.lower.count];
      double opening = 0;
      for (std::size_t k = 0; k < gap_row_.size(); ++k) opening += gap_row_[k] * c[k];
      for (std::size_t n = 0; n < said.size(); ++n) {
        const std::size_t number = n / 2 * 3 + n % 2;  // of x, y, z
        double sum = 0;
        for (std::size_t k = 0; k < gap_row_.size(); ++k)
          sum += c[k] * lip_rows_[k * kMeasuredPoints * 3 + number];
        said[n] = static_cast<float>(sum);
        real[n] = clip.lips[i * kMeasuredPoints * 3 + number];
      }
      const bool follows = i > 0 && clip.valid[i - 1] != 0;
      measure.add({opening, clip.gap[i] - clip.rest_gap, said, real, follows});
    }
    return measure.sums();
  }

  const SpeechBasis& basis_;
  torch::Device device_;
  std::vector<float> gap_row_;
  std::vector<float> lip_rows_;  // [lower, 40, 3]
};

}  // namespace

SpeechReport validate(SpeechModel& model, const SpeechSet& set, const SpeechBasis& basis,
                      std::int64_t most_frames, torch::Device device) {
  const torch::NoGradGuard no_grad;
  model.eval();
  const SpeechSampler sampler(set, basis, 0);
  const ClipMeasure measure(basis, device);
  MouthSums portrait, referenced;
  std::map<std::string, MouthSums> by_source;
  std::vector<std::span<const float>> times;
  for (const SpeechClip& clip : set.clips) times.emplace_back(clip.time_s);
  for (const std::size_t c : choose_clips(times, most_frames)) {
    const SpeechClip& clip = set.clips[c];
    portrait.add(measure.measure(model, sampler, clip, SpeechSampler::References::kRestOnly));
    const MouthSums sums = measure.measure(model, sampler, clip, SpeechSampler::References::kClip);
    referenced.add(sums);
    by_source[clip.source].add(sums);
  }
  model.train();
  SpeechReport report{portrait.quality(), referenced.quality(), {}};
  for (const auto& [source, sums] : by_source) report.by_source[source] = sums.quality();
  return report;
}

}  // namespace visema::training
