#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "live_clock.h"
#include "visema/audio/sound_input.h"
#include "visema/core/image.h"

namespace visema::session {

struct EarStatistics {
  std::int64_t gaps = 0;               // times that a stream ran dry and went on in silence
  SampleIndex silent = 0;              // samples for which nothing was there to hear
  std::size_t utterances_waiting = 0;  // the one that is being spoken included
  std::size_t buffered = 0;            // samples of the input that are read and wait
  bool speaking = false;               // the last block held sound of an input or utterance
  bool paused = false;
};

/// Makes one unbroken stream of sound: utterances one after the other, else the input, else
/// silence. hear() and listen() by one thread, the others by any.
class LiveEar {
 public:
  /// `input` may be null. The stream ends with the input, or never.
  LiveEar(SoundInput* input, bool ends_with_input, int rate_hz, int channels);

  /// The next samples, without waiting; silence where nothing is there. Fewer only where the input
  /// ends. An input that was dry is heard again once it holds 40 ms or has waited as long, so that
  /// its jitter is not heard.
  AudioBlock hear(SampleIndex count, LiveTime now);
  /// The next samples of the input, waits 100 ms for them; empty where none came or it ended.
  AudioBlock listen(SampleIndex count);
  /// The stream has ended.
  bool over() const;

  /// Throws Error(kUsage) when too many wait already.
  void say(std::shared_ptr<SoundInput> utterance);
  /// Holds sound back, with a fade of 20 ms; an input that cannot wait is lost meanwhile.
  void pause(bool paused);
  /// Forgets the utterances and what is buffered of the input.
  void clear();
  EarStatistics statistics() const;

 private:
  /// Whether a source is being heard or fills up first.
  struct Flow {
    bool flowing = false;
    std::optional<LiveTime> since;  // sound waits
  };

  SampleIndex read(std::span<float> out, LiveTime now);
  SampleIndex read_from(SoundInput& source, Flow& flow, std::span<float> out, LiveTime now);
  void fade(std::span<float> heard);
  void discard();

  bool over_locked() const;

  SoundInput* const input_;
  const bool ends_;
  const int rate_hz_;
  const int channels_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<SoundInput>> utterances_;
  Flow input_flow_;
  Flow utterance_flow_;
  SampleIndex heard_ = 0;
  float gain_ = 1;  // 0 while paused
  EarStatistics statistics_;
};

}  // namespace visema::session
