#include "sync_validation_torch.h"

#include <algorithm>
#include <cmath>

namespace visema::training {
namespace {

constexpr int kShifts = 15;
constexpr std::int64_t kFewestWindows = 10;
constexpr double kSureConfidence = 0.03;
constexpr int kFarthestOffset = 8;  // frames

/// Share of pairs (in, out) that the score orders rightly; ties count half.
double area_under_curve(const std::vector<double>& in, const std::vector<double>& out) {
  if (in.empty() || out.empty()) return 0;
  double right = 0;
  for (const double a : in)
    for (const double b : out) right += a > b ? 1 : (a == b ? 0.5 : 0);
  return right / static_cast<double>(in.size() * out.size());
}

torch::Tensor embed_mouth(SyncModel& model, const SyncClip& clip, const torch::Device& device) {
  constexpr std::int64_t kEdge = (kSyncCrop - kSyncPicture) / 2;
  const torch::Tensor pictures =
      torch::from_blob(const_cast<std::uint8_t*>(clip.mouth.data()),
                       {1, clip.frames(), kSyncCrop, kSyncCrop}, torch::kByte)
          .narrow(2, kEdge, kSyncPicture)
          .narrow(3, kEdge, kSyncPicture)
          .to(device);
  const torch::Tensor points = torch::from_blob(const_cast<float*>(clip.points.data()),
                                                {1, clip.frames(), kSyncPoints * 2}, torch::kFloat)
                                   .to(device);
  return model.mouth(pictures, points).squeeze(0).to(torch::kCPU);
}

}  // namespace

torch::Tensor embed_speech(SyncModel& model, const SyncClip& clip, std::int64_t count,
                           const torch::Device& device) {
  const std::int64_t reach = kSyncSpeechReach;
  const std::int64_t length = std::max(
      clip.mel_frames(), static_cast<std::int64_t>(static_cast<double>(count) * kSyncMelPerFrame));
  torch::Tensor mel = torch::full({1, length + 2 * reach + 2, kSyncMelBands}, -4.0F);
  mel[0]
      .narrow(0, reach, clip.mel_frames())
      .copy_(torch::from_blob(const_cast<float*>(clip.mel.data()),
                              {clip.mel_frames(), kSyncMelBands}, torch::kFloat));
  const torch::Tensor positions =
      (torch::arange(count, torch::kFloat) * kSyncMelPerFrame + static_cast<double>(reach))
          .unsqueeze(0);
  return model.speech(mel.to(device), positions.to(device)).squeeze(0).to(torch::kCPU);
}

std::int64_t sound_moments(const SyncClip& clip) {
  return static_cast<std::int64_t>(static_cast<double>(clip.mel_frames()) / kSyncMelPerFrame);
}

int ShiftCurve::best() const {
  return static_cast<int>(std::min_element(distance.begin(), distance.end()) - distance.begin()) -
         kShifts;
}

double ShiftCurve::confidence() const {
  std::vector<double> sorted = distance;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2] - sorted.front();
}

double ShiftCurve::refined() const {
  const int at = best();
  if (std::abs(at) == kShifts) return at;
  const double before = distance[at + kShifts - 1];
  const double least = distance[at + kShifts];
  const double after = distance[at + kShifts + 1];
  const double bend = before - 2 * least + after;
  return bend > 0 ? at + 0.5 * (before - after) / bend : at;
}

ShiftCurve compare(SyncModel& model, const SyncClip& video, const SyncClip& sound,
                   const torch::Device& device) {
  const torch::NoGradGuard no_grad;
  const std::int64_t window = model.config().window;
  ShiftCurve curve;
  curve.distance.assign(2 * kShifts + 1, 2.0);
  const std::int64_t moments = sound_moments(sound);
  if (video.frames() < window || moments < 1) return curve;
  const torch::Tensor mouth = embed_mouth(model, video, device);
  const torch::Tensor speech = embed_speech(model, sound, moments, device);
  const torch::Tensor distances = (2 - 2 * mouth.matmul(speech.t())).clamp_min(0).sqrt();
  const auto d = distances.accessor<float, 2>();
  std::vector<double> sum(2 * kShifts + 1, 0);
  std::vector<std::int64_t> count(2 * kShifts + 1, 0);
  for (std::int64_t i = 0; i < distances.size(0); ++i) {
    const std::int64_t t = i + window / 2;
    bool seen = true;
    for (std::int64_t f = i; f < i + window; ++f) seen = seen && video.valid[f] != 0;
    if (!seen || t >= moments) continue;
    int best = 0;
    double least = 1e9;
    for (int s = -kShifts; s <= kShifts; ++s) {
      if (t + s < 0 || t + s >= moments) continue;
      const double value = d[i][t + s];
      sum[s + kShifts] += value;
      ++count[s + kShifts];
      if (value < least) {
        least = value;
        best = s;
      }
    }
    ++curve.windows;
    curve.best_windows += std::abs(best) <= 1 ? 1 : 0;
  }
  for (std::size_t s = 0; s < sum.size(); ++s)
    if (count[s] >= kFewestWindows) curve.distance[s] = sum[s] / static_cast<double>(count[s]);
  // A shift that hardly any window can try does not compete.
  double worst = 0;
  for (std::size_t s = 0; s < sum.size(); ++s)
    if (count[s] >= kFewestWindows) worst = std::max(worst, curve.distance[s]);
  for (std::size_t s = 0; s < sum.size(); ++s)
    if (count[s] < kFewestWindows) curve.distance[s] = worst;
  return curve;
}

std::optional<double> sure_offset(const ShiftCurve& curve) {
  if (curve.confidence() < kSureConfidence || std::abs(curve.best()) > kFarthestOffset)
    return std::nullopt;
  return curve.refined();
}

std::int64_t align(SyncModel& model, std::vector<SyncClip>& clips, const torch::Device& device) {
  model.eval();
  std::int64_t moved = 0;
  for (SyncClip& clip : clips) {
    if (clip.frames() < kLongFrames) continue;
    clip.offset = sure_offset(compare(model, clip, clip, device)).value_or(0);
    moved += std::abs(clip.offset) >= 0.5 ? 1 : 0;
  }
  model.train();
  return moved;
}

SyncQuality validate(SyncModel& model, const std::vector<SyncClip>& clips,
                     const torch::Device& device) {
  model.eval();
  SyncQuality quality;
  std::vector<double> own[2], other[2];
  double within = 0, confidence = 0, windows = 0, best_windows = 0;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    const bool is_long = clips[i].frames() >= kLongFrames;
    const ShiftCurve curve = compare(model, clips[i], clips[i], device);
    if (curve.windows < kFewestWindows) continue;
    own[is_long].push_back(curve.confidence());
    windows += static_cast<double>(curve.windows);
    best_windows += static_cast<double>(curve.best_windows);
    if (is_long) {
      ++quality.clips;
      within += std::abs(curve.best()) <= 1 ? 1 : 0;
      confidence += curve.confidence();
    }
    // The next clips of the same class, of other persons where there are.
    int pairs = 0;
    for (std::size_t step = 1; step < clips.size() && pairs < 3; ++step) {
      const SyncClip& sound = clips[(i + step * 7) % clips.size()];
      if (&sound == &clips[i] || (sound.frames() >= kLongFrames) != is_long) continue;
      const ShiftCurve wrong = compare(model, clips[i], sound, device);
      if (wrong.windows < kFewestWindows) continue;
      other[is_long].push_back(wrong.confidence());
      ++pairs;
    }
  }
  model.train();
  const double n = std::max(1.0, static_cast<double>(quality.clips));
  quality.within_one = within / n;
  quality.confidence = confidence / n;
  quality.window_top1 = best_windows / std::max(1.0, windows);
  quality.auc = area_under_curve(own[1], other[1]);
  quality.auc_short = area_under_curve(own[0], other[0]);
  return quality;
}

}  // namespace visema::training
