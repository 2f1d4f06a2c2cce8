#include "sync_background_torch.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sync_validation_torch.h"
#include "visema/core/error.h"

namespace visema::training {
namespace {

/// Moments of the grid at which a clip speaks.
std::vector<std::int64_t> speech_of(const SyncClip& clip) {
  std::vector<std::int64_t> moments;
  for (std::int64_t m = 0; m < sound_moments(clip); ++m)
    if (clip.active[static_cast<std::size_t>(static_cast<double>(m) * kSyncMelPerFrame)] != 0)
      moments.push_back(m);
  return moments;
}

}  // namespace

torch::Tensor background_of(SyncModel& model, const std::vector<SyncClip>& clips,
                            const torch::Device& device) {
  std::vector<std::vector<std::int64_t>> speech;
  std::map<std::string, double> spoken;
  for (const SyncClip& clip : clips) {
    speech.push_back(speech_of(clip));
    spoken[clip.person] += static_cast<double>(speech.back().size());
  }
  double all = 0;
  for (const auto& [person, moments] : spoken) all += std::sqrt(moments);
  if (all == 0) throw Error(ErrorCode::kInput, "no training clip in which somebody speaks");

  const torch::NoGradGuard no_grad;
  model.eval();
  std::vector<torch::Tensor> rows;
  double before = 0;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    const auto count = static_cast<double>(speech[i].size());
    if (count == 0) continue;
    const double share = count / std::sqrt(spoken[clips[i].person]) / all;
    const auto wanted = [&](double reach) {  // rows that lie below a share of all speech
      return static_cast<std::int64_t>(std::floor(reach * kSyncBackground + 0.5));
    };
    const std::int64_t begin = wanted(before), end = wanted(std::min(1.0, before + share));
    before += share;
    if (begin == end) continue;
    const torch::Tensor vectors = embed_speech(model, clips[i], sound_moments(clips[i]), device);
    for (std::int64_t row = begin; row < end; ++row) {
      const double place =
          (static_cast<double>(row - begin) + 0.5) / static_cast<double>(end - begin);
      rows.push_back(vectors[speech[i][static_cast<std::size_t>(place * count)]]);
    }
  }
  while (static_cast<int>(rows.size()) < kSyncBackground) rows.push_back(rows.back());
  model.train();
  return torch::stack(rows).narrow(0, 0, kSyncBackground);
}

}  // namespace visema::training
