#include "visema/landmarks/encoded_speech.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "visema/models/speech_network.h"

namespace visema {
namespace {

constexpr FrameIndex kBlock = 42;   // rows of the encoder
constexpr FrameIndex kAround = 42;  // that it hears before and after a block

/// Rows of the encoder that a sound of so many samples has.
FrameIndex rows_of(SampleIndex samples) {
  return samples / kEncodedHop + 2;
}

/// Where a row of the stream lies between rows of the encoder.
struct Place {
  FrameIndex before;
  float part;  // of the one after
};
Place place_of(FrameIndex row) {
  const SampleIndex sample = row * kSpeechMelHop;
  return {sample / kEncodedHop, static_cast<float>(sample % kEncodedHop) / kEncodedHop};
}

}  // namespace

EncodedSpeech::EncodedSpeech(std::shared_ptr<const SpeechEncoder> encoder)
    : encoder_(std::move(encoder)) {}

FrameIndex EncodedSpeech::encoded_end() const {
  return first_encoded_ + static_cast<FrameIndex>(encoded_.size()) / kEncodedWidth;
}

float EncodedSpeech::sample(SampleIndex index) const {
  return index < 0 || index >= end_sample_
             ? 0
             : samples_[static_cast<std::size_t>(index - first_sample_)];
}

void EncodedSpeech::push(std::span<const float> samples) {
  assert(!finished_ && "samples after the end of the stream");
  constexpr std::size_t kPiece = 1 << 14;  // bounds the working memory
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(kPiece, samples.size()));
    for (const float value : piece) samples_.push_back(std::isfinite(value) ? value : 0.0F);
    end_sample_ += static_cast<SampleIndex>(piece.size());
    samples = samples.subspan(piece.size());
    while (end_sample_ > ((blocks_ + 1) * kBlock + kAround - 1) * kEncodedHop + kEncodedReach)
      encode_block();
  }
}

/// The next block, with what is known of the sound after it.
void EncodedSpeech::encode_block() {
  const FrameIndex begin = blocks_ * kBlock;
  const FrameIndex from = std::max<FrameIndex>(0, begin - kAround);
  const FrameIndex most = finished_ ? rows_of(end_sample_) : begin + kBlock + kAround;
  const FrameIndex end = std::min(begin + kBlock, most);
  const FrameIndex to = std::min(begin + kBlock + kAround, most);
  std::vector<float> heard(static_cast<std::size_t>(samples_of_rows(to - from)));
  const SampleIndex first = from * kEncodedHop - kEncodedReach;
  for (std::size_t i = 0; i < heard.size(); ++i)
    heard[i] = sample(first + static_cast<SampleIndex>(i));
  const std::vector<float> rows = encoder_->encode(heard);
  encoded_.insert(encoded_.end(), rows.begin() + (begin - from) * kEncodedWidth,
                  rows.begin() + (end - from) * kEncodedWidth);
  ++blocks_;
  const SampleIndex needed =
      std::max(first_sample_, (blocks_ * kBlock - kAround) * kEncodedHop - kEncodedReach);
  const SampleIndex unused = std::min(needed, end_sample_) - first_sample_;
  samples_.erase(samples_.begin(), samples_.begin() + unused);
  first_sample_ += unused;
}

void EncodedSpeech::finish() {
  if (finished_) return;
  finished_ = true;
  if (end_sample_ == 0) return;
  while (encoded_end() < rows_of(end_sample_)) encode_block();
}

void EncodedSpeech::reset() {
  samples_.clear();
  encoded_.clear();
  first_sample_ = end_sample_ = first_encoded_ = blocks_ = taken_ = 0;
  finished_ = false;
}

std::vector<float> EncodedSpeech::take_encoder_rows() {
  first_encoded_ = encoded_end();
  return std::exchange(encoded_, {});
}

std::vector<float> EncodedSpeech::take() {
  std::vector<float> rows;
  const FrameIndex end = encoded_end();
  for (; !finished_ || taken_ * kSpeechMelHop <= end_sample_; ++taken_) {
    const Place place = place_of(taken_);
    if (place.before + 1 >= end) break;
    const float* before = &encoded_[(place.before - first_encoded_) * kEncodedWidth];
    for (int i = 0; i < kEncodedWidth; ++i)
      rows.push_back(before[i] + place.part * (before[kEncodedWidth + i] - before[i]));
  }
  const FrameIndex unused = std::min(place_of(taken_).before, end) - first_encoded_;
  encoded_.erase(encoded_.begin(), encoded_.begin() + unused * kEncodedWidth);
  first_encoded_ += unused;
  return rows;
}

}  // namespace visema
