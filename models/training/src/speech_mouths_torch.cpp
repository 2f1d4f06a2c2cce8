#include "speech_mouths_torch.h"

#include <algorithm>

#include "speech_loss_torch.h"

namespace visema::training {
namespace {

constexpr std::int64_t kBatch = 256;
constexpr int kLipNumbers = 2 * kMeasuredPoints;

/// x and y of [40, 3], to out[40 * 2].
void copy_flat(const float* points, float* out) {
  for (int n = 0; n < kLipNumbers; ++n) out[n] = points[n / 2 * 3 + n % 2];
}

}  // namespace

ClipMouths ClipMouths::mean(const std::vector<ClipMouths>& mouths) {
  ClipMouths out = mouths[0];
  const double share = 1.0 / static_cast<double>(mouths.size());
  for (std::size_t t = 0; t < out.opening.size(); ++t) {
    out.opening[t] = 0;
    for (const ClipMouths& m : mouths) out.opening[t] += share * m.opening[t];
    for (std::size_t n = 0; n < out.lips[t].size(); ++n) {
      double sum = 0;
      for (const ClipMouths& m : mouths) sum += m.lips[t][n];
      out.lips[t][n] = static_cast<float>(share * sum);
    }
  }
  return out;
}

MouthTeller::MouthTeller(const SpeechBasis& basis, torch::Device device)
    : basis_(basis), device_(device) {
  const std::int64_t count = basis.lower.count;
  std::vector<float> gap = lip_gap_row(basis.lower);
  std::vector<float> lips(static_cast<std::size_t>(count) * kLipNumbers);
  std::vector<float> points(kMeasuredPoints * 3);
  for (std::int64_t k = 0; k < count; ++k) {
    copy_measured_points(&basis.lower.rows[k * kMeshPoints * 3], points.data());
    copy_flat(points.data(), &lips[k * kLipNumbers]);
  }
  const torch::Tensor deviation = torch::tensor(basis.lower.deviation).unsqueeze(1);
  gap_row_ = (torch::tensor(gap).unsqueeze(1) * deviation).to(device);
  lip_rows_ = (torch::tensor(lips).view({count, kLipNumbers}) * deviation).to(device);
}

ClipMouths MouthTeller::tell(SpeechModel& model, const SpeechSampler& sampler,
                             const SpeechClip& clip, SpeechSampler::References references) const {
  const torch::NoGradGuard no_grad;
  ClipMouths mouths;
  for (std::int64_t first = 0; first < clip.frames(); first += kBatch) {
    const std::int64_t count = std::min(kBatch, clip.frames() - first);
    const SpeechTensors batch =
        to_tensors(sampler.frames(clip, first, count, references), basis_, device_);
    const torch::Tensor lower = model.forward(batch.input).lower[0];
    const torch::Tensor gap = torch::matmul(lower, gap_row_).to(torch::kCPU).contiguous();
    const torch::Tensor lips = torch::matmul(lower, lip_rows_).to(torch::kCPU).contiguous();
    mouths.opening.insert(mouths.opening.end(), gap.data_ptr<float>(),
                          gap.data_ptr<float>() + count);
    const float* row = lips.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i, row += kLipNumbers)
      mouths.lips.emplace_back(row, row + kLipNumbers);
  }
  return mouths;
}

ClipMouths real_mouths(const SpeechClip& clip) {
  ClipMouths mouths;
  for (std::int64_t i = 0; i < clip.frames(); ++i) {
    mouths.opening.push_back(clip.gap[i] - clip.rest_gap);
    mouths.lips.emplace_back(kLipNumbers);
    copy_flat(&clip.lips[i * kMeasuredPoints * 3], mouths.lips.back().data());
  }
  return mouths;
}

}  // namespace visema::training
