#include "eval_sync.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace visema::session {
namespace {

constexpr std::int64_t kChunk = 64;  // moments that are embedded together
/// A moment's frame may be this part of a step between frames away, within limits in seconds.
constexpr double kReach = 0.6;
constexpr double kShortestReach = 0.03;
constexpr double kLongestReach = 0.065;
constexpr std::size_t kPixels = static_cast<std::size_t>(kSyncCrop) * kSyncCrop;

double time_of(std::int64_t moment) {
  return static_cast<double>(moment) / kSyncFps;
}

}  // namespace

SyncMeter::SyncMeter(const SyncNetwork& network, const SoundTrack& sound, double fps)
    : network_(network),
      sound_(sound),
      reach_s_(std::clamp(kReach / fps, kShortestReach, kLongestReach)) {}

void SyncMeter::push(double time_s, std::optional<MouthView> mouth) {
  Frame frame{time_s, std::move(mouth)};
  if (!last_) next_moment_ = static_cast<std::int64_t>(std::ceil((time_s - reach_s_) * kSyncFps));
  while (last_ && time_of(next_moment_) <= time_s) {
    const double t = time_of(next_moment_);
    put(t - last_->time_s <= time_s - t ? *last_ : frame);
  }
  last_ = std::move(frame);
}

void SyncMeter::finish() {
  while (last_ && time_of(next_moment_) - last_->time_s <= reach_s_) put(*last_);
  embed();
}

void SyncMeter::put(const Frame& frame) {
  const std::int64_t moment = next_moment_++;
  if (!frame.mouth || std::abs(frame.time_s - time_of(moment)) > reach_s_) {
    embed();
    run_ = 0;
    crops_.clear();
    points_.clear();
    return;
  }
  if (run_ == 0) first_moment_ = moment;
  ++run_;
  crops_.insert(crops_.end(), frame.mouth->crop.begin(), frame.mouth->crop.end());
  points_.insert(points_.end(), frame.mouth->points.begin(), frame.mouth->points.end());
  if (run_ >= kChunk + network_.window() - 1) embed();
}

void SyncMeter::embed() {
  const std::int64_t window = network_.window();
  if (run_ < window) return;
  const std::vector<float> mouths = network_.embed_mouth(crops_, points_);
  const std::vector<float> background = network_.background(mouths);
  const std::int64_t count = run_ - window + 1;
  for (std::int64_t i = 0; i < count; ++i)
    compare(first_moment_ + window / 2 + i, &mouths[i * network_.embedding_size()],
            background[static_cast<std::size_t>(i)]);
  crops_.erase(crops_.begin(), crops_.begin() + static_cast<long>(count * kPixels));
  points_.erase(points_.begin(), points_.begin() + count * kSyncPoints * 2);
  first_moment_ += count;
  run_ -= count;
}

void SyncMeter::compare(std::int64_t moment, const float* mouth, float background) {
  const auto moments = static_cast<std::int64_t>(sound_.moments());
  if (moment < 0 || moment >= moments || sound_.active[moment] == 0) return;
  const auto size = static_cast<std::size_t>(network_.embedding_size());
  ShiftDistances distances{};
  for (std::int64_t s = -kSyncShifts; s <= kSyncShifts; ++s) {
    float& distance = distances[static_cast<std::size_t>(s + kSyncShifts)];
    if (moment + s < 0 || moment + s >= moments) {
      distance = std::numeric_limits<float>::quiet_NaN();
      continue;
    }
    const float* speech = &sound_.embeddings[static_cast<std::size_t>(moment + s) * size];
    float sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += (mouth[i] - speech[i]) * (mouth[i] - speech[i]);
    distance = std::sqrt(sum);
  }
  score_.push(time_of(moment), distances, background);
}

}  // namespace visema::session
