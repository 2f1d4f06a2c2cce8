#include "visema/evaluation/lse.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr double kDistanceOffset = 1e-6;

}  // namespace

double embedding_distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - b[i] + kDistanceOffset;
    sum += d * d;
  }
  return std::sqrt(sum);
}

LipSyncError::LipSyncError(BeyondSound beyond, OnWindow on_window)
    : beyond_(beyond), on_window_(std::move(on_window)) {}

void LipSyncError::check(std::span<const float> embedding, const char* side, std::int64_t index,
                         std::int64_t after) {
  if (size_ == 0) size_ = embedding.size();
  if (finished_ || embedding.empty() || embedding.size() != size_ || index <= after)
    throw Error(ErrorCode::kInternal, std::string(side) + " embedding of frame " +
                                          std::to_string(index) + " with " +
                                          std::to_string(embedding.size()) + " numbers after " +
                                          (finished_ ? "the end" : std::to_string(after)) +
                                          ": indices must rise, sizes must be equal");
}

void LipSyncError::push_mouth(std::int64_t index, std::span<const float> embedding) {
  check(embedding, "mouth", index, last_mouth_);
  last_mouth_ = index;
  mouths_.emplace_hint(mouths_.end(), index,
                       std::vector<float>(embedding.begin(), embedding.end()));
  advance();
}

void LipSyncError::push_speech(std::int64_t index, std::span<const float> embedding) {
  check(embedding, "speech", index, last_sound_);
  last_sound_ = index;
  sounds_.emplace_hint(sounds_.end(), index,
                       std::vector<float>(embedding.begin(), embedding.end()));
  advance();
}

void LipSyncError::skip_mouth_until(std::int64_t index) {
  last_mouth_ = std::max(last_mouth_, index - 1);
  advance();
}

void LipSyncError::finish() {
  finished_ = true;
  advance();
  sounds_.clear();
}

void LipSyncError::advance() {
  while (!mouths_.empty()) {
    const auto first = mouths_.begin();
    if (!finished_ && last_sound_ < first->first + kSyncShifts) break;
    compare(first->first, first->second);
    mouths_.erase(first);
  }
  if (mouths_.empty() && last_mouth_ == INT64_MIN) return;
  const std::int64_t next = mouths_.empty() ? last_mouth_ + 1 : mouths_.begin()->first;
  sounds_.erase(sounds_.begin(), sounds_.lower_bound(next - kSyncShifts));
}

void LipSyncError::compare(std::int64_t index, std::span<const float> mouth) {
  const std::vector<float> zeros(beyond_ == BeyondSound::kZeros ? size_ : 0);
  ShiftDistances distances{};
  auto sound = sounds_.lower_bound(index - kSyncShifts);
  for (std::size_t s = 0; s < kSyncShiftCount; ++s) {
    const std::int64_t at = index - kSyncShifts + static_cast<std::int64_t>(s);
    double distance = std::numeric_limits<double>::quiet_NaN();
    if (sound != sounds_.end() && sound->first == at) {
      distance = embedding_distance(mouth, sound->second);
      ++sound;
    } else if (beyond_ == BeyondSound::kZeros) {
      distance = embedding_distance(mouth, zeros);
    }
    distances[s] = static_cast<float>(distance);
    if (std::isnan(distance)) continue;
    sum_[s] += distance;
    ++count_[s];
  }
  ++windows_;
  if (on_window_) on_window_(index, distances);
}

std::optional<LipSyncError::Result> LipSyncError::result() const {
  Result result;
  std::vector<double> sorted;
  result.distance = std::numeric_limits<double>::infinity();
  for (std::size_t s = 0; s < kSyncShiftCount; ++s) {
    result.mean[s] = count_[s] > 0 ? sum_[s] / static_cast<double>(count_[s])
                                   : std::numeric_limits<double>::quiet_NaN();
    if (count_[s] == 0) continue;
    sorted.push_back(result.mean[s]);
    if (result.mean[s] < result.distance) {
      result.distance = result.mean[s];
      result.offset_frames = static_cast<int>(s) - kSyncShifts;
    }
  }
  if (sorted.empty()) return std::nullopt;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  result.confidence = *middle - result.distance;
  result.windows = windows_;
  return result;
}

}  // namespace visema
