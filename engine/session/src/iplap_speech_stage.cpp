#include "iplap_speech_stage.h"

#include <algorithm>
#include <array>

#include "iplap_clock.h"

namespace visema::session {
namespace {

static_assert(kIpLapMelBands == kMelBands);

/// Mel frames [time][band] to a window [band][time].
void transpose(const std::array<float, kIplapMelValues>& frames, float* window) {
  for (int band = 0; band < kMelBands; ++band)
    for (int t = 0; t < kIpLapMelFrames; ++t)
      window[band * kIpLapMelFrames + t] = frames[static_cast<std::size_t>(t) * kMelBands + band];
}

}  // namespace

IplapSpeechStage::IplapSpeechStage(Rational fps, int rate_hz, int channels)
    : fps_(fps),
      rate_hz_(rate_hz),
      channels_(channels),
      resampler_(rate_hz, channels, kSpeechRateHz, 1) {}

void IplapSpeechStage::reset() {
  resampler_ = Resampler(rate_hz_, channels_, kSpeechRateHz, 1);
  mel_.reset();
  next_ = 0;
  samples_ = 0;
  sound_.clear();
}

void IplapSpeechStage::process(AudioBlock block, const Emit<IplapHeardFrame>& emit) {
  samples_ += block.size();
  const AudioBlock speech = resampler_.process(block);
  sound_.push_back(std::move(block));
  mel_.push(speech.samples);
  while (iplap_mel_start(next_, fps_, kIplapLastStep) + kIpLapMelFrames <= mel_.frames_ready())
    hear(mel_.frames_ready() - kIpLapMelFrames, emit);
}

void IplapSpeechStage::finish(const Emit<IplapHeardFrame>& emit) {
  mel_.push(resampler_.finish().samples);
  mel_.finish();
  const FrameIndex frames = frames_covering(samples_, rate_hz_, fps_);
  const FrameIndex last_start = std::max<FrameIndex>(0, mel_.frames_ready() - kIpLapMelFrames);
  while (next_ < frames) hear(last_start, emit);
  if (!sound_.empty()) emit(IplapHeardFrame{std::nullopt, std::move(sound_)});
  sound_.clear();
}

void IplapSpeechStage::hear(FrameIndex last_start, const Emit<IplapHeardFrame>& emit) {
  IplapHeardFrame::Speech speech{next_, std::vector<float>(kIpLapWindow * kIplapMelValues)};
  float* window = speech.mels.data();
  for (int step = kIplapFirstStep; step <= kIplapLastStep; ++step, window += kIplapMelValues) {
    std::array<float, kIplapMelValues> frames;
    mel_.copy(std::min(iplap_mel_start(next_, fps_, step), last_start), kIpLapMelFrames,
              frames.data());
    transpose(frames, window);
  }
  ++next_;
  // The sound may end here, and its last window then begins up to 16 frames earlier.
  mel_.drop_before(iplap_mel_start(next_, fps_, kIplapFirstStep) - kIpLapMelFrames);
  IplapHeardFrame heard{std::move(speech), std::move(sound_)};
  sound_.clear();
  emit(std::move(heard));
}

}  // namespace visema::session
