#include "visema/audio/trimmed_sound.h"

#include <algorithm>
#include <cmath>

namespace visema {
namespace {

using namespace std::chrono_literals;

constexpr double kPieceSeconds = 0.01;
constexpr std::size_t kPiecesAhead = 6;
constexpr double kPauseSeconds = 0.2;
constexpr double kWantedSeconds = 0.1;
constexpr double kWatchSeconds = 2;
constexpr double kFloorSeconds = 1.5;
constexpr float kLoudestPause = 0.01F;
constexpr float kSilence = 0.0003F;  // -70 dB: always a pause
constexpr float kOverFloor = 4;      // 10 ms of a quiet room differ that much

std::size_t frames_of(double seconds, int rate_hz) {
  return static_cast<std::size_t>(seconds * rate_hz);
}

float rms_of(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples) sum += double{sample} * sample;
  return samples.empty() ? 0
                         : static_cast<float>(std::sqrt(sum / static_cast<double>(samples.size())));
}

/// Begins as `from` does and ends as `to`, so that `to` can follow what came before `from`.
void join(const std::vector<float>& from, std::vector<float>& to, std::size_t channels) {
  const std::size_t frames = std::min(from.size(), to.size()) / channels;
  for (std::size_t i = 0; i < frames * channels; ++i) {
    const std::size_t frame = i / channels;
    const float share = static_cast<float>(frame) / static_cast<float>(frames);
    to[i] = from[i] + share * (to[i] - from[i]);
  }
}

}  // namespace

TrimmedSound::TrimmedSound(std::unique_ptr<SoundInput> source)
    : source_(std::move(source)),
      channels_(static_cast<std::size_t>(source_->channels())),
      piece_frames_(std::max<std::size_t>(1, frames_of(kPieceSeconds, source_->rate_hz()))) {}

std::size_t TrimmedSound::waiting() const {
  return ahead_frames_ - begun_ + source_->available();
}

std::size_t TrimmedSound::available() const {
  const std::lock_guard lock(mutex_);
  return waiting();
}

bool TrimmedSound::ended() const {
  const std::lock_guard lock(mutex_);
  return ahead_.empty() && source_->ended();
}

void TrimmedSound::clear() {
  const std::lock_guard lock(mutex_);
  ahead_.clear();
  ahead_frames_ = begun_ = excess_ = watched_ = 0;
  source_->clear();
}

SoundInputStatistics TrimmedSound::statistics() const {
  SoundInputStatistics now = source_->statistics();
  const std::lock_guard lock(mutex_);
  now.buffered_frames = waiting();
  now.left_out_frames = left_out_;
  return now;
}

std::size_t TrimmedSound::read(std::span<float> out, std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  if (excess_ > 0) trim();
  std::size_t got = take(out);
  const auto rest = out.subspan(got * channels_);
  if (const std::size_t more = source_->read(rest, got > 0 ? 0ms : patience); more > 0) {
    heard(more, is_quiet(rest.first(more * channels_)));
    got += more;
  }
  watch(got);
  return got;
}

/// Leaves out pieces in the middle of a pause.
void TrimmedSound::trim() {
  const auto pause = frames_of(kPauseSeconds, rate_hz());
  std::vector<float> first;  // of those left out
  while (excess_ > 0 && quiet_frames_ >= pause && begun_ == 0 && look_ahead()) {
    if (first.empty()) first = std::move(ahead_.front().samples);
    ahead_.pop_front();
    ahead_frames_ -= piece_frames_;
    left_out_ += static_cast<std::int64_t>(piece_frames_);
    excess_ -= std::min(excess_, piece_frames_);
  }
  if (!first.empty()) join(first, ahead_.front().samples, channels_);
}

/// Whether all that comes next is a pause.
bool TrimmedSound::look_ahead() {
  while (ahead_.size() < kPiecesAhead && source_->available() >= piece_frames_) {
    Piece piece{std::vector<float>(piece_frames_ * channels_), false};
    const std::size_t got = source_->read(piece.samples, 0ms);
    piece.samples.resize(got * channels_);
    piece.quiet = got == piece_frames_ && is_quiet(piece.samples);
    ahead_frames_ += got;
    ahead_.push_back(std::move(piece));
  }
  return ahead_.size() == kPiecesAhead &&
         std::all_of(ahead_.begin(), ahead_.end(), [](const Piece& piece) { return piece.quiet; });
}

/// Of sound as it came: seams may be quieter than the pauses around them.
bool TrimmedSound::is_quiet(std::span<const float> samples) {
  const float rms = rms_of(samples);
  quietest_ = measured_ == 0 ? rms : std::min(quietest_, rms);
  measured_ += samples.size() / channels_;
  const float floor = std::min(quietest_, quietest_before_);
  if (measured_ >= frames_of(kFloorSeconds, rate_hz())) {
    quietest_before_ = quietest_;
    measured_ = 0;
  }
  return rms <= kLoudestPause && rms <= std::max(kSilence, kOverFloor * floor);
}

/// Gives out what was looked at.
std::size_t TrimmedSound::take(std::span<float> out) {
  std::size_t got = 0;
  while (!ahead_.empty() && got < out.size() / channels_) {
    const std::vector<float>& samples = ahead_.front().samples;
    const std::size_t frames = samples.size() / channels_;
    const std::size_t count = std::min(out.size() / channels_ - got, frames - begun_);
    const auto part = std::span(samples).subspan(begun_ * channels_, count * channels_);
    std::copy(part.begin(), part.end(), out.begin() + static_cast<std::ptrdiff_t>(got * channels_));
    heard(count, ahead_.front().quiet);
    got += count;
    begun_ += count;
    if (begun_ < frames) break;
    begun_ = 0;
    ahead_frames_ -= frames;
    ahead_.pop_front();
  }
  return got;
}

void TrimmedSound::heard(std::size_t frames, bool quiet) {
  quiet_frames_ = quiet ? quiet_frames_ + frames : 0;
}

void TrimmedSound::watch(std::size_t frames) {
  const std::size_t now = waiting();
  least_ = watched_ == 0 ? now : std::min(least_, now);
  watched_ += frames;
  if (watched_ < frames_of(kWatchSeconds, rate_hz())) return;
  watched_ = 0;
  const auto wanted = frames_of(kWantedSeconds, rate_hz());
  excess_ = source_->statistics().steady && least_ > wanted ? least_ - wanted : 0;
}

}  // namespace visema
