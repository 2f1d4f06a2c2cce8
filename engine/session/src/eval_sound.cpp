#include "eval_sound.h"

#include <algorithm>
#include <cmath>

#include "visema/audio/mel.h"
#include "visema/audio/voice_activity.h"

namespace visema::session {
namespace {

constexpr int kSamplesPerMoment = kSpeechRateHz / kSyncFps;
constexpr FrameIndex kChunk = 100;      // moments that are embedded together
constexpr FrameIndex kActiveReach = 6;  // mel frames around a moment that count as its speech
constexpr double kQuietestDb = -60;

double mel_frame_of(FrameIndex moment) {
  return static_cast<double>(moment) * kSyncMelPerFrame;
}

}  // namespace

float SoundTrack::gain_at(double time_s) const {
  const double frame = time_s * kSpeechRateHz / kMelHopSamples;
  if (frame < 0 || frame >= static_cast<double>(gain.size())) return 0;
  return gain[static_cast<std::size_t>(frame)];
}

struct SoundMeter::Impl {
  explicit Impl(const SyncNetwork& sync) : network(sync) {}

  void measure_loudness(std::span<const float> block) {
    for (const float sample : block) {
      energy += std::isfinite(sample) ? static_cast<double>(sample) * sample : 0;
      if (++samples % kSamplesPerMoment == 0) put_loudness(kSamplesPerMoment);
    }
  }

  void put_loudness(std::int64_t count) {
    const double db = 10 * std::log10(energy / static_cast<double>(count) + 1e-12);
    track.loudness.push_back(
        static_cast<float>(std::clamp((db - kQuietestDb) / -kQuietestDb, 0.0, 1.0)));
    energy = 0;
  }

  /// Voice activity of all mel frames that are ready.
  void listen() {
    const FrameIndex ready = mel.frames_ready();
    std::vector<float> frames(static_cast<std::size_t>(ready - heard) * kMelBands);
    mel.copy(heard, ready - heard, frames.data());
    voice.push(frames);
    heard = ready;
    collect_gains();
  }

  void collect_gains() {
    const auto have = static_cast<FrameIndex>(track.gain.size());
    const FrameIndex ready = voice.frames_ready();
    track.gain.resize(static_cast<std::size_t>(ready));
    voice.copy(have, ready - have, track.gain.data() + have);
    voice.drop_before(ready);
  }

  /// Embeds the moments [embedded, end), whose mel frames must be ready.
  void embed(FrameIndex end) {
    while (embedded < end) {
      const FrameIndex stop = std::min(end, embedded + kChunk);
      const FrameIndex first = static_cast<FrameIndex>(mel_frame_of(embedded)) - kSyncSpeechReach;
      const FrameIndex last =
          static_cast<FrameIndex>(mel_frame_of(stop - 1)) + kSyncSpeechReach + 1;
      std::vector<float> window(static_cast<std::size_t>(last - first + 1) * kMelBands);
      mel.copy(first, last - first + 1, window.data());
      std::vector<float> positions;
      for (FrameIndex m = embedded; m < stop; ++m)
        positions.push_back(static_cast<float>(mel_frame_of(m) - static_cast<double>(first)));
      const std::vector<float> vectors = network.embed_speech(window, positions);
      track.embeddings.insert(track.embeddings.end(), vectors.begin(), vectors.end());
      embedded = stop;
    }
    mel.drop_before(static_cast<FrameIndex>(mel_frame_of(embedded)) - kSyncSpeechReach);
  }

  void mark_speech() {
    const auto count = static_cast<FrameIndex>(track.gain.size());
    for (FrameIndex m = 0; m < embedded; ++m) {
      const auto centre = static_cast<FrameIndex>(mel_frame_of(m));
      const auto begin =
          track.gain.begin() + std::clamp<FrameIndex>(centre - kActiveReach, 0, count);
      const auto end =
          track.gain.begin() + std::clamp<FrameIndex>(centre + kActiveReach + 1, 0, count);
      track.active.push_back(std::any_of(begin, end, [](float g) { return g > 0.5F; }) ? 1 : 0);
    }
  }

  const SyncNetwork& network;
  LogMel mel;
  VoiceActivity voice;
  SoundTrack track;
  FrameIndex heard = 0;
  FrameIndex embedded = 0;
  std::int64_t samples = 0;
  double energy = 0;
};

SoundMeter::SoundMeter(const SyncNetwork& network) : impl_(std::make_unique<Impl>(network)) {}
SoundMeter::~SoundMeter() = default;

void SoundMeter::push(std::span<const float> samples) {
  Impl& m = *impl_;
  m.measure_loudness(samples);
  m.mel.push(samples);
  m.listen();
  const FrameIndex ready = m.heard - kSyncSpeechReach - 2;
  const auto full = static_cast<FrameIndex>(static_cast<double>(ready) / kSyncMelPerFrame);
  if (full >= m.embedded + kChunk) m.embed(full);
}

SoundTrack SoundMeter::finish() {
  Impl& m = *impl_;
  m.mel.finish();
  m.listen();
  m.voice.finish();
  m.collect_gains();
  if (m.samples % kSamplesPerMoment != 0) m.put_loudness(m.samples % kSamplesPerMoment);
  m.embed((m.samples + kSamplesPerMoment - 1) / kSamplesPerMoment);
  m.mark_speech();
  m.track.duration_s = static_cast<double>(m.samples) / kSpeechRateHz;
  return std::move(m.track);
}

}  // namespace visema::session
