#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "visema/core/image.h"

namespace visema::session {

/// Sound that was heard and waits for its pictures, by sample index. One thread appends, one takes;
/// mute() from any.
class SoundLine {
 public:
  SoundLine(int rate_hz, int channels) : rate_hz_(rate_hz), channels_(channels) {}

  /// Must continue what was appended before.
  void append(const AudioBlock& block);
  /// Nothing follows.
  void end();
  /// Samples [first, last), fewer at the end of the sound; waits until they are heard. Nothing when
  /// the sound ended at `first` or before. What lies before `last` is forgotten.
  std::optional<AudioBlock> take(SampleIndex first, SampleIndex last);
  /// Fades out what was heard and not taken, within 20 ms; silence for the rest of it.
  void mute();
  /// Samples that were heard.
  SampleIndex heard() const;

 private:
  SampleIndex heard_locked() const {
    return first_ + static_cast<SampleIndex>(samples_.size()) / channels_;
  }

  const int rate_hz_;
  const int channels_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<float> samples_;  // from first_
  SampleIndex first_ = 0;
  bool ended_ = false;
};

}  // namespace visema::session
