#include "visema/evaluation/lse.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "median.h"
#include "visema/core/error.h"

namespace visema {
namespace {

constexpr double kDistanceOffset = 1e-6;

/// PyTorch's pairwise_distance.
double embedding_distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - b[i] + kDistanceOffset;
    sum += d * d;
  }
  return std::sqrt(sum);
}

}  // namespace

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
  const std::vector<float> zeros(size_);
  auto sound = sounds_.lower_bound(index - kSyncShifts);
  for (std::size_t s = 0; s < kSyncShiftCount; ++s) {
    const std::int64_t at = index - kSyncShifts + static_cast<std::int64_t>(s);
    const bool heard = sound != sounds_.end() && sound->first == at;
    sum_[s] += embedding_distance(mouth, heard ? sound->second : zeros);
    if (heard) ++sound;
  }
  ++windows_;
}

std::optional<LipSyncError::Result> LipSyncError::result() const {
  if (windows_ == 0) return std::nullopt;
  Result result;
  for (std::size_t s = 0; s < kSyncShiftCount; ++s)
    result.mean[s] = sum_[s] / static_cast<double>(windows_);
  const auto least = std::min_element(result.mean.begin(), result.mean.end());
  result.distance = *least;
  result.confidence = median(std::vector<double>(result.mean.begin(), result.mean.end())) - *least;
  result.offset_frames = static_cast<int>(least - result.mean.begin()) - kSyncShifts;
  result.windows = windows_;
  return result;
}

}  // namespace visema
