#include "live_ear.h"

#include <algorithm>
#include <array>

#include "visema/core/error.h"

namespace visema::session {
namespace {

using namespace std::chrono_literals;

constexpr auto kCushion = 40ms;
constexpr double kCushionSeconds = 0.04;
constexpr double kFadeSeconds = 0.02;
constexpr std::size_t kMostUtterances = 100;

}  // namespace

LiveEar::LiveEar(SoundInput* input, bool ends_with_input, int rate_hz, int channels)
    : input_(input), ends_(ends_with_input && input), rate_hz_(rate_hz), channels_(channels) {}

AudioBlock LiveEar::hear(SampleIndex count, LiveTime now) {
  const std::lock_guard lock(mutex_);
  AudioBlock block{heard_, rate_hz_, channels_, {}};
  block.samples.assign(static_cast<std::size_t>(count * channels_), 0.0F);
  const SampleIndex got = read(block.samples, now);
  statistics_.speaking = got > 0;
  if (got < count) {
    if (over_locked())
      block.samples.resize(static_cast<std::size_t>(got * channels_));
    else
      statistics_.silent += count - got;
  }
  heard_ += block.size();
  return block;
}

AudioBlock LiveEar::listen(SampleIndex count) {
  AudioBlock block{heard_, rate_hz_, channels_, {}};
  block.samples.resize(static_cast<std::size_t>(count * channels_));
  const std::size_t got = input_->read(block.samples, 100ms);
  block.samples.resize(got * static_cast<std::size_t>(channels_));
  const std::lock_guard lock(mutex_);
  heard_ += block.size();
  return block;
}

bool LiveEar::over() const {
  const std::lock_guard lock(mutex_);
  return over_locked();
}

bool LiveEar::over_locked() const {
  return ends_ && input_->ended() && utterances_.empty();
}

SampleIndex LiveEar::read(std::span<float> out, LiveTime now) {
  if (statistics_.paused && gain_ == 0) {
    discard();
    return 0;
  }
  SampleIndex got = 0;
  const auto rest = [&] { return out.subspan(static_cast<std::size_t>(got * channels_)); };
  while (!utterances_.empty() && !rest().empty()) {
    got += read_from(*utterances_.front(), utterance_flow_, rest(), now);
    if (!utterances_.front()->ended()) break;
    utterances_.pop_front();
  }
  if (!utterances_.empty())
    discard();
  else if (input_ && !rest().empty())
    got += read_from(*input_, input_flow_, rest(), now);
  fade(out.first(static_cast<std::size_t>(got * channels_)));
  return got;
}

SampleIndex LiveEar::read_from(SoundInput& source, Flow& flow, std::span<float> out, LiveTime now) {
  if (!flow.flowing) {
    const std::size_t available = source.available();
    if (available == 0) {
      flow.since.reset();
      return 0;
    }
    if (!flow.since) flow.since = now;
    const auto cushion = static_cast<std::size_t>(kCushionSeconds * rate_hz_);
    if (available < cushion && now - *flow.since < kCushion) return 0;
    flow.flowing = true;
  }
  const auto got = static_cast<SampleIndex>(source.read(out, 0ms));
  if (got * channels_ < static_cast<SampleIndex>(out.size())) {
    flow = {};
    if (&source == input_ && !source.ended()) ++statistics_.gaps;
  }
  return got;
}

void LiveEar::fade(std::span<float> heard) {
  const float target = statistics_.paused ? 0.0F : 1.0F;
  const float step = 1.0F / static_cast<float>(kFadeSeconds * rate_hz_);
  if (gain_ == target && gain_ == 1) return;
  const auto channels = static_cast<std::size_t>(channels_);
  for (std::size_t i = 0; i < heard.size(); ++i) {
    if (i % channels == 0)
      gain_ = target > gain_ ? std::min(target, gain_ + step) : std::max(target, gain_ - step);
    heard[i] *= gain_;
  }
  // In silence there is nothing to fade.
  if (heard.empty()) gain_ = target;
}

/// What cannot wait is lost while something else is heard.
void LiveEar::discard() {
  if (!input_ || input_->waits()) return;
  std::array<float, 4096> lost;
  while (input_->read(std::span(lost).first(lost.size() / static_cast<std::size_t>(channels_) *
                                            static_cast<std::size_t>(channels_)),
                      0ms) > 0) {
  }
}

void LiveEar::say(std::shared_ptr<SoundInput> utterance) {
  const std::lock_guard lock(mutex_);
  if (utterances_.size() >= kMostUtterances)
    throw Error(ErrorCode::kUsage, "too many utterances wait: at most " +
                                       std::to_string(kMostUtterances) + " are allowed");
  utterances_.push_back(std::move(utterance));
}

void LiveEar::pause(bool paused) {
  const std::lock_guard lock(mutex_);
  statistics_.paused = paused;
}

void LiveEar::clear() {
  const std::lock_guard lock(mutex_);
  utterances_.clear();
  if (input_) input_->clear();
  input_flow_ = utterance_flow_ = {};
}

EarStatistics LiveEar::statistics() const {
  const std::lock_guard lock(mutex_);
  EarStatistics now = statistics_;
  now.utterances_waiting = utterances_.size();
  now.buffered = input_ ? input_->available() : 0;
  return now;
}

}  // namespace visema::session
