#include "visema/evaluation/syncnet_meter.h"

#include <algorithm>
#include <cmath>

namespace visema {
namespace {

constexpr int kFps = 25;
constexpr std::int64_t kSamplesPerMoment = 640;
constexpr double kFarthest = 0.03;  // seconds from a moment to its frame
constexpr std::size_t kReach = 6;   // faces before and after that steady a box: a median of 13
constexpr std::int64_t kChunk = 8;  // windows that are embedded together
constexpr std::int64_t kPixels = std::int64_t{3} * kSyncnetSize * kSyncnetSize;

double time_of(std::int64_t moment) {
  return static_cast<double>(moment) / kFps;
}

std::span<const float> embedding(const std::vector<float>& all, std::int64_t count,
                                 std::int64_t i) {
  const std::size_t size = all.size() / static_cast<std::size_t>(count);
  return std::span(all).subspan(static_cast<std::size_t>(i) * size, size);
}

}  // namespace

SyncnetMeter::SyncnetMeter(const SyncNet& network)
    : SyncnetMeter(
          [&network](std::span<const std::uint8_t> rgb) { return network.embed_mouth(rgb); },
          [&network](std::span<const float> mfcc) { return network.embed_speech(mfcc); }) {}

SyncnetMeter::SyncnetMeter(EmbedMouth embed_mouth, EmbedSpeech embed_speech)
    : embed_mouth_(std::move(embed_mouth)), embed_speech_(std::move(embed_speech)) {}

void SyncnetMeter::push_sound(std::span<const float> samples) {
  mfcc_.push(samples);
  samples_ += static_cast<std::int64_t>(samples.size());
}

void SyncnetMeter::push_picture(double time_s, std::shared_ptr<const Image> picture,
                                const FaceMesh* mesh) {
  mfcc_.finish();
  Frame frame{time_s, std::move(picture), std::nullopt};
  if (mesh != nullptr) frame.face = syncnet_face(*mesh);
  if (!last_) next_moment_ = static_cast<std::int64_t>(std::ceil((time_s - kFarthest) * kFps));
  while (last_ && time_of(next_moment_) <= time_s) {
    const double t = time_of(next_moment_);
    put(t - last_->time_s <= time_s - t ? *last_ : frame);
  }
  last_ = std::move(frame);
}

void SyncnetMeter::finish() {
  if (last_ && time_of(next_moment_) - last_->time_s <= kFarthest) put(*last_);
  end_run();
  embed_speech(1);
  error_.finish();
}

void SyncnetMeter::put(const Frame& frame) {
  const std::int64_t moment = next_moment_++;
  embed_speech(kChunk);
  if (!frame.face || std::abs(frame.time_s - time_of(moment)) > kFarthest) {
    end_run();
    error_.skip_mouth_until(next_moment_);
    return;
  }
  if (crops_count_ == 0 && waiting_.empty()) first_crop_ = moment;
  waiting_.push_back(frame);
  if (waiting_.size() > kReach) crop_next();
}

/// Crops the first waiting moment with the median of the faces around it.
void SyncnetMeter::crop_next() {
  std::vector<SyncnetFace> around = cropped_;
  const std::size_t after = std::min(waiting_.size(), kReach + 1);
  for (std::size_t i = 0; i < after; ++i) around.push_back(*waiting_[i].face);
  const Image crop = syncnet_crop(*waiting_.front().picture, median(around));
  crops_.insert(crops_.end(), crop.rgb.begin(), crop.rgb.end());
  ++crops_count_;
  cropped_.push_back(*waiting_.front().face);
  if (cropped_.size() > kReach) cropped_.erase(cropped_.begin());
  waiting_.pop_front();
  if (crops_count_ == kChunk + kSyncnetFrames - 1) embed_mouths(kChunk);
}

void SyncnetMeter::end_run() {
  while (!waiting_.empty()) crop_next();
  embed_mouths(crops_count_ - kSyncnetFrames + 1);
  crops_.clear();
  crops_count_ = 0;
  cropped_.clear();
}

/// The first windows of the crops.
void SyncnetMeter::embed_mouths(std::int64_t count) {
  if (count <= 0) return;
  const std::int64_t last = std::min(next_moment_, samples_ / kSamplesPerMoment) - kSyncnetFrames;
  const std::vector<float> mouths = embed_mouth_(crops_);
  const std::int64_t windows = crops_count_ - kSyncnetFrames + 1;
  for (std::int64_t i = 0; i < count; ++i)
    if (first_crop_ + i >= 0 && first_crop_ + i < last)
      error_.push_mouth(first_crop_ + i, embedding(mouths, windows, i));
  crops_.erase(crops_.begin(), crops_.begin() + static_cast<std::ptrdiff_t>(count * kPixels));
  crops_count_ -= count;
  first_crop_ += count;
}

/// Sound of the windows that begin before the last five moments, when there are so many.
void SyncnetMeter::embed_speech(std::int64_t fewest) {
  const std::int64_t last = std::min(next_moment_, samples_ / kSamplesPerMoment) - kSyncnetFrames;
  if (last - next_speech_ < fewest) return;
  const std::int64_t count = last - next_speech_;
  const FrameIndex first = next_speech_ * kSyncnetMfccStep;
  const FrameIndex frames = (count - 1) * kSyncnetMfccStep + kSyncnetMfccFrames;
  std::vector<float> values(static_cast<std::size_t>(frames) * kMfccs);
  mfcc_.copy(first, frames, values.data());
  mfcc_.drop_before(first);
  const std::vector<float> speech = embed_speech_(values);
  for (std::int64_t i = 0; i < count; ++i)
    error_.push_speech(next_speech_ + i, embedding(speech, count, i));
  next_speech_ = last;
}

}  // namespace visema
